import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { folderWith } from '../support/config-files.ts';
import { COMMAND } from '../support/tradewind-command.ts';

const YAML = `listen: { http: "unix:http.sock", grpc: none }
models:
  - { name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
apps:
  - { name: a, arms: [m] }
`;

test('a broker serves on where nobody reads what it prints, and drains when it is told to', async (t) => {
  const cwd = folderWith(t, { 't.yaml': YAML });
  const child = spawn(process.execPath, [COMMAND, 'serve', '--config', 't.yaml'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  child.stdout.destroy();
  const said: string[] = [];
  // By then it has printed where it listens: that takes less than a container to start.
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg } = JSON.parse(line) as { msg: string };
    said.push(msg);
    if (msg === 'the version is ready') child.kill('SIGTERM');
  }
  assert.deepEqual([said.includes('the version is ready'), said.at(-1)], [true, 'stopped'], said.join('; '));
});
