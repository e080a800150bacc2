import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

const YAML = `listen: { http: "unix:run.sock", grpc: none }
log: { level: silent }
models:
  - { name: m, version: 1, container: synthetic, replicas: 0, output: { kind: value } }
apps:
  - { name: a, arms: [m], default: 7 }
`;

function statusOf(socketPath: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/healthz', headers: { host }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject).end();
  });
}

test('the HTTP door may be a Unix socket: for its owner alone, in place of one that a killed broker left, and gone after the stop', async (t) => {
  const cwd = folderWith(t, { 't.yaml': YAML });
  const path = join(cwd, 'run.sock');
  const serve = () => {
    const broker = tradewind(['serve', '--config', 't.yaml'], { cwd });
    t.after(() => broker.child.kill('SIGKILL'));
    return broker;
  };
  const killed = serve();
  await killed.said(/listens on unix:/u);
  killed.child.kill('SIGKILL');
  await killed.ended;
  assert.equal(existsSync(path), true);

  const broker = serve();
  assert.match(await broker.said(/Try it:|listens on unix:\S+\n/u), new RegExp(`listens on unix:${path}\n`, 'u'));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(await Promise.all(['localhost', 'evil.example'].map((host) => statusOf(path, host))), [200, 421]);
  const asked = await tradewind(['predict', 'a', '[1]', '--url', 'unix:run.sock'], { cwd }).ended;
  assert.deepEqual([asked.code, asked.out.split('\n')[0]], [4, '7'], asked.err);

  const second = await tradewind(['serve', '--config', 't.yaml'], { cwd, env: { TRADEWIND_STATE_DIR: 'elsewhere' } }).ended;
  assert.equal(second.code, 1);
  assert.match(second.err, /run\.sock is in use: another program listens there/u);
  broker.child.kill('SIGTERM');
  assert.equal((await broker.ended).code, 0);
  assert.equal(existsSync(path), false);
  const nobody = await tradewind(['apps', '--url', 'unix:run.sock'], { cwd }).ended;
  assert.equal(nobody.code, 3);
});
