import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeStaleSocket } from '../../../../model-containers/typescript/stale-socket.ts';

test('a socket that refuses goes; one that is served, and a file that is none, stay', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stale-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [stale, served, file] = ['stale', 'served', 'file'].map((name) => join(folder, name)) as [string, string, string];
  // Killed while it listens: nobody takes its socket away.
  spawnSync(process.execPath, ['-e', 'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))', stale]);
  assert.ok(existsSync(stale));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(served, resolve));
  t.after(() => server.close());
  writeFileSync(file, 'precious');
  for (const path of [stale, served, file, join(folder, 'nothing')]) await removeStaleSocket({ kind: 'unix', path });
  await removeStaleSocket({ kind: 'tcp', host: '', port: 1 });
  assert.deepEqual([stale, served, file].map((path) => existsSync(path)), [false, true, true]);
});
