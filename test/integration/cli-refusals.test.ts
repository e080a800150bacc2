import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

/** Not 0, on one sentence or list for the operator, without a trace of our own code. */
async function refused(args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): Promise<string> {
  const { code, out, err } = await tradewind(args, { cwd, ...(env === undefined ? {} : { env }) }).ended;
  assert.notEqual(code, 0, out);
  assert.equal(out, '');
  assert.doesNotMatch(err, /^\s+at /mu);
  return err;
}

const FIVE = `listen: { htp: 127.0.0.1:0 }
drain_ms: -1
models:
  - { name: m, version: 0, container: synthetic }
apps:
  - { name: A, arms: [m], on_miss: dflt }
`;

test('a configuration with five mistakes lists all five, with their lines, whoever reads it', async (t) => {
  const cwd = folderWith(t, { 't.yaml': FIVE });
  for (const args of [['check', 't.yaml'], ['serve', '--config', 't.yaml'], ['apply', 't.yaml']]) {
    const err = await refused(args, cwd);
    assert.match(err, /^tradewind: 5 faults; nothing was changed\.$/mu);
    assert.deepEqual([...err.matchAll(/^t\.yaml:(\d+):\d+ /gmu)].map(([, line]) => line), ['1', '2', '4', '6', '6']);
  }
});

test('a port in use is one sentence', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const cwd = folderWith(t, { 't.yaml': `listen: { http: 127.0.0.1:${port} }\nlog: { level: silent }\n` });
  assert.match(await refused(['serve', '--config', 't.yaml'], cwd), new RegExp(`^tradewind: 127\\.0\\.0\\.1:${port} is in use: another program listens there`, 'mu'));
});

test('a file that is not there, no broker, and no command are said as such', async (t) => {
  const cwd = folderWith(t, { 't.yaml': '{}' });
  assert.match(await refused(['serve', '--config', 'none.yaml'], cwd), /none\.yaml: there is no such file/u);
  assert.match(await refused(['apply', 't.yaml'], cwd), /no broker runs with state_dir .*\.tradewind/u);
  assert.match(await refused(['check', 't.yaml'], cwd, { TRADEWIND_LOG_LEVEL: 'loud' }), /environment: TRADEWIND_LOG_LEVEL: is "loud"/u);
  assert.match(await refused(['frobnicate'], cwd), /unknown command/u);
});

test('a state folder that cannot be made, and a state file of a newer version, are one sentence', async (t) => {
  const cwd = folderWith(t, { 'file': '', 't.yaml': 'state_dir: file\nlog: { level: silent }\n', 'n.yaml': 'state_dir: newer\nlog: { level: silent }\n', 'newer/x': '' });
  assert.match(await refused(['serve', '--config', 't.yaml'], cwd), /^tradewind: .*file is not a folder/mu);
  const database = new DatabaseSync(join(cwd, 'newer/tradewind.sqlite'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  assert.match(await refused(['serve', '--config', 'n.yaml'], cwd), /written by a newer Tradewind/u);
});

test('a folder without leave to write is one sentence', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, async (t) => {
  const cwd = folderWith(t, { 't.yaml': 'state_dir: closed/state\nlog: { level: silent }\n', 'closed/x': '' });
  chmodSync(join(cwd, 'closed'), 0o500);
  t.after(() => chmodSync(join(cwd, 'closed'), 0o700));
  assert.match(await refused(['serve', '--config', 't.yaml'], cwd), /^tradewind: no permission/mu);
});
