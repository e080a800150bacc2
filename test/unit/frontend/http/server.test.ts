import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDoor, RawClient } from '../../../support/http-door.ts';

test('a door opens on the port that it names, and leaves nothing behind', async () => {
  const door = await openDoor();
  assert.equal((await fetch(door.url('/healthz'))).status, 200);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
  await assert.rejects(fetch(door.url('/healthz')));
});

test('names that were configured are served, others are not', async () => {
  const door = await openDoor({ allowedHosts: ['broker.example'] });
  for (const [host, status] of [['broker.example', 200], [`Broker.Example:${door.port}`, 200], ['other.example', 421]] as const) {
    const client = await RawClient.connect(door.port);
    client.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(await client.ended(), new RegExp(`^HTTP/1\\.1 ${status} `), host);
  }
  await door.end();
});
