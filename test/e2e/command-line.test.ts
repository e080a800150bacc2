import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrokerProcess } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MODEL = 'models:\n  - { name: m, version: 1, container: synthetic }\n';

interface Mistake {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'an option that does not exist': { args: ['serve', '--config', 't.yaml', '--prot', '1'], says: /unknown option '--prot'/u },
  'no configuration at all': { args: ['serve'], says: /required option '--config <file>' not specified/u },
  'a command that does not exist': { args: ['start'], says: /unknown command 'start'/u },
  'a configuration that is not there': { args: ['serve', '--config', 'none.yaml'], says: /none\.yaml: there is no such file/u },
  'a configuration that is a folder': { args: ['serve', '--config', 'folder'], says: /^folder: is a folder; the configuration is a file$/mu },
  'a configuration that is no YAML': { args: ['check', 'broken.yaml'], says: /^broken\.yaml:\d+:\d+ /mu },
  'a configuration that is a model file': { args: ['check', join(ROOT, 'deploy/demo/models/digits-cnn/1/model.onnx')], says: /^tradewind: /mu },
  'a state folder below a file': { args: ['serve', '--config', 't.yaml'], env: { TRADEWIND_STATE_DIR: 'a-file/state' }, says: /^tradewind: .*is not a folder: choose another state_dir\.$/mu },
  'an address that is not of this machine': { args: ['serve', '--config', 't.yaml'], env: { TRADEWIND_LISTEN_HTTP: '192.0.2.1:0' }, says: /^tradewind: 192\.0\.2\.1\S* is not an address of this machine/mu },
  'an address that is none': { args: ['serve', '--config', 't.yaml'], env: { TRADEWIND_LISTEN_HTTP: 'here' }, says: /environment: TRADEWIND_LISTEN_HTTP: /u },
  'a token file that is not there': { args: ['serve', '--config', 't.yaml'], env: { TRADEWIND_ADMIN_TOKEN_FILE: 'no-token' }, says: /no-token/u },
  'no broker to apply to': { args: ['apply', 't.yaml'], says: /^tradewind: no broker runs with state_dir .*: start one with/mu },
};

for (const [name, { args, env, says }] of Object.entries(mistakes)) {
  test(`${name}: one message, not 0, no stack trace`, async (t) => {
    const cwd = folderWith(t, { 't.yaml': MODEL, 'broken.yaml': 'models:\n  - { name: m\n', 'a-file': '', 'folder/x': '' });
    const { child, ended, said } = tradewind(args, { cwd, env: { TRADEWIND_LISTEN_HTTP: '127.0.0.1:0', TRADEWIND_LOG_LEVEL: 'silent', ...env } });
    t.after(() => child.kill('SIGKILL'));
    // A broker that starts all the same is ended, and the test fails for what it said.
    said(/listens on/u).then(() => child.kill('SIGKILL'), () => {});
    const { code, out, err } = await ended;
    assert.notEqual(code, 0);
    assert.equal(out, '');
    assert.match(err, says);
    assert.doesNotMatch(err, /^\s+at |node:internal|Error:/mu);
  });
}

test('a port in use: one message, and neither container nor lock is left behind', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const cwd = folderWith(t, { 't.yaml': MODEL });
  const { port } = taken.address() as AddressInfo;
  const { code, err } = await tradewind(['serve', '--config', 't.yaml'], { cwd, env: { TRADEWIND_LISTEN_HTTP: `127.0.0.1:${port}`, TRADEWIND_STATE_DIR: 'state', TRADEWIND_LOG_LEVEL: 'silent' } }).ended;
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^tradewind: 127\\.0\\.0\\.1:${port} is in use`, 'mu'));
  assert.doesNotMatch(err, /^\s+at /mu);
  const records = readdirSync(join(cwd, 'state'), { recursive: true }).map(String).filter((path) => path.startsWith('processes/'));
  assert.deepEqual(records, []);
  const broker = await (await BrokerProcess.start(t, { folder: cwd, yaml: MODEL })).ready();
  assert.deepEqual(broker.log.filter(({ level }) => level > 30), []);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('apply refuses a file with faults whole, lists them all with their lines, and the broker goes on', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: MODEL })).ready();
  const cwd = folderWith(t, { 'five.yaml': 'listen: { htp: 127.0.0.1:0 }\ndrain_ms: -1\nmodels:\n  - { name: m, version: 0, container: synthetic }\napps:\n  - { name: A, arms: [m], on_miss: dflt }\n' });
  const { code, err } = await tradewind(['apply', 'five.yaml'], { cwd, env: { TRADEWIND_STATE_DIR: join(broker.folder, 'state') } }).ended;
  assert.equal(code, 1);
  assert.deepEqual([...err.matchAll(/^five\.yaml:(\d+):\d+ /gmu)].map(([, line]) => line), ['1', '2', '4', '6', '6']);
  assert.equal((await broker.readiness()).status, 200);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('the command of a checkout is the same through npm, from another folder too', (t) => {
  const cwd = folderWith(t, { 't.yaml': MODEL });
  const { status, stdout } = spawnSync('npm', ['run', '-s', 'tradewind', '--', 'check', join(cwd, 't.yaml')], { cwd: ROOT, encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, `${join(cwd, 't.yaml')} is right: 1 model version, 0 apps.\n`]);
});
