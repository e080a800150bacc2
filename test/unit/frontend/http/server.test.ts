import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../../frontend/domain/clock.ts';
import { RealClock } from '../../../../frontend/runtime/real-clock.ts';
import { openDoor, post, RawClient } from '../../../support/http-door.ts';

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

test('a plain predict request passes the router by, and is served as the router serves it', async () => {
  const door = await openDoor();
  const ask = async (path: string, type: string, body: string): Promise<unknown> => {
    const response = await fetch(door.url(path), { method: 'POST', headers: { 'content-type': type, 'x-request-id': 'mine' }, body });
    const { latency_ms: _, ...answer } = await response.json() as Record<string, unknown>;
    return [response.status, response.headers.get('content-type'), response.headers.get('x-request-id'), answer];
  };
  for (const body of ['{"input":[1,2,3,4]}', '{"input":[1,2]}', 'nothing']) {
    const plain = await ask('/v1/apps/sum/predict', 'application/json', body);
    assert.deepEqual(await ask('/v1/apps/%73um/predict', 'application/json', body), plain);
    assert.deepEqual(await ask('/v1/apps/sum/predict', 'application/json; charset=utf-8', body), plain);
  }
  assert.deepEqual(await ask('/v1/apps/none/predict', 'application/json', '{}'), await ask('/v1/apps/n%6fne/predict', 'application/json', '{}'));
  await door.end();
});

test('a fault of ours before a plain request is begun is answered `internal`', async () => {
  const fault = new Error('a fault on purpose');
  const told: unknown[] = [];
  const door = await openDoor({ apps: { app: () => { throw fault; } }, onFault: (error) => told.push(error) });
  for (const name of ['sum', '%73um']) {
    const response = await fetch(door.url(`/v1/apps/${name}/predict`), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    assert.equal(response.status, 500);
    assert.equal((await response.json() as { error: { code: string } }).error.code, 'internal');
  }
  assert.deepEqual(told, [fault, fault]);
  await door.end();
});

/** A clock whose wakes come when the test says: the process stood still until all of them were due. */
function lateClock(): { readonly clock: Clock; ring: () => void } {
  const real = new RealClock();
  const wakes = new Set<() => void>();
  const wakeAt: Clock['wakeAt'] = (_, wake) => {
    wakes.add(wake);
    return () => wakes.delete(wake);
  };
  return { clock: { now: () => real.now(), arrived: () => real.arrived(), defer: (run) => real.defer(run), wakeAt }, ring: () => [...wakes].at(-1)?.() };
}

for (const [way, headers] of [['the lane', []], ["node:http's way", ['TE: trailers']]] as const) {
  test(`a door that stands still while it drains reads what came meanwhile before it closes idle connections, ${way}`, async () => {
    const { clock, ring } = lateClock();
    const door = await openDoor({ clock });
    const client = await RawClient.connect(door.port);
    const ask = post('/v1/apps/sum/predict', '{"input":[1,2,3,4]}', headers);
    client.write(ask);
    await client.until(/"output":10/u);
    const closing = door.door.close(10_000);
    // In the kernel by then, and not yet read.
    client.write(ask);
    ring();
    assert.match(await client.ended(), /"output":10[^]*connection: close[^]*"output":10/iu);
    assert.equal(await closing, 0);
  });
}
