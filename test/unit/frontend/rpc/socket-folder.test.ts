import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openSocketPlace } from '../../../../frontend/rpc/socket-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'places-'));
test.after(() => rmSync(root, { recursive: true }));

test('the folder is made for its user alone, and the socket can be removed', async () => {
  const folder = join(root, 'run');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const place = await openSocketPlace(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(dirname(place.path), folder);
  writeFileSync(place.path, '');
  place.remove();
  assert.equal(existsSync(place.path), false);
});

test('a path too long for the kernel gives way to a short one, the same each time', async () => {
  const folder = join(root, 'x'.repeat(100));
  const [place, again] = [await openSocketPlace(folder), await openSocketPlace(folder)];
  assert.equal(place.path, again.path);
  assert.ok(Buffer.byteLength(place.path) <= 107);
  assert.equal(statSync(dirname(place.path)).mode & 0o777, 0o700);
  place.remove();
  assert.equal(existsSync(dirname(place.path)), false);
});

test('what a dead broker left is replaced, what a living one holds is not', async () => {
  const folder = join(root, 'held');
  const { path } = await openSocketPlace(folder);
  writeFileSync(path, '');
  assert.equal((await openSocketPlace(folder)).path, path);
  const server = createServer((socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  await assert.rejects(openSocketPlace(folder), /in use/);
  server.close();
});

test('what is no folder is refused', async () => {
  writeFileSync(join(root, 'file'), '');
  await assert.rejects(openSocketPlace(join(root, 'file')));
});
