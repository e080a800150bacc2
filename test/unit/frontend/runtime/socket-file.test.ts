import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { listenOnSocketFile } from '../../../../frontend/runtime/socket-file.ts';
import { folderWith } from '../../../support/config-files.ts';

function listen(server: Server, path: string): () => Promise<unknown> {
  return async () => {
    server.listen(path);
    return once(server, 'listening');
  };
}

test('the socket is for whom its mode says, from the first moment on, and goes with its server', async (t) => {
  const path = join(folderWith(t, {}), 's');
  const server = createServer();
  let first = 0;
  const mask = process.umask();
  await listenOnSocketFile({ path, mode: 0o660 }, async () => {
    await listen(server, path)();
    first = statSync(path).mode & 0o077;
  });
  assert.deepEqual([first, statSync(path).mode & 0o777, process.umask()], [0, 0o660, mask]);
  server.close();
  await once(server, 'close');
  assert.equal(existsSync(path), false);
});

test('what a killed program left is replaced; who listens, and a file of another kind, are left alone', async (t) => {
  const folder = folderWith(t, {});
  const [path, file] = [join(folder, 's'), join(folder, 'file')];
  spawnSync(process.execPath, ['-e', `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`]);
  assert.equal(statSync(path).isSocket(), true);
  const server = createServer((socket) => socket.destroy());
  await listenOnSocketFile({ path, mode: 0o600 }, listen(server, path));
  const other = createServer();
  await assert.rejects(listenOnSocketFile({ path, mode: 0o600 }, listen(other, path)), /s is in use: another program listens there/u);
  writeFileSync(file, 'precious');
  await assert.rejects(listenOnSocketFile({ path: file, mode: 0o600 }, listen(other, file)), /file is there, and is no socket/u);
  assert.deepEqual([existsSync(path), statSync(file).size], [true, 8]);
  server.close();
  await once(server, 'close');
});
