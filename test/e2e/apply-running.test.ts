import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { SteadyLoad } from '../support/steady-load.ts';
import { tradewind } from '../support/tradewind-command.ts';

const SLO_MS = 30_000;
const model = (name: string, more = ''): string => `  - { name: ${name}, version: 1, container: synthetic, output: { kind: value }${more} }\n`;
const app = (name: string): string => `  - { name: ${name}, arms: [${name}], slo_ms: ${SLO_MS} }\n`;
const file = (...names: string[]): string => `models:\n${names.map((name) => model(name)).join('')}apps:\n${names.map(app).join('')}`;

const names = async (broker: BrokerProcess): Promise<string[]> => {
  const { models } = (await (await fetch(`${broker.url}/admin/models`)).json()) as { models: { name: string }[] };
  return models.map(({ name }) => name);
};

const loadOn = (broker: BrokerProcess, name: string): SteadyLoad => new SteadyLoad({
  url: broker.url, app: name, connections: 4, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1,
});

test('SIGHUP: a new model answers without a restart, a wrong file changes nothing, what the file drops goes, what admin added stays', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: file('a', 'b') })).ready();
  const load = loadOn(broker, 'a');
  await load.answers(20);

  await broker.admin('models/c/versions/1', { container: 'synthetic', output: { kind: 'value' } });
  await broker.admin('apps/c', { arms: ['c'], slo_ms: SLO_MS });
  writeFileSync(broker.configFile, file('a', 'b', 'd'));
  broker.signal('SIGHUP');
  await until('d there', async () => (await names(broker)).includes('d'));
  await broker.ready();
  assert.deepEqual(await names(broker), ['a', 'b', 'c', 'd']);
  assert.equal((await broker.predict('d', { input: [3, 4] })).json.output, 7);

  writeFileSync(broker.configFile, `models:\n${model('a', ', replicas: -1')}${model('e', ', colour: red')}apps:\n  - { name: A, arms: [zzz] }\n`);
  broker.signal('SIGHUP');
  const refusal = await until('refused', () => broker.log.find(({ level }) => level >= 50));
  assert.match(refusal.msg, /refused whole; what ran goes on/u);
  const faults = (refusal['faults'] as string[]).join('\n');
  for (const [line, word] of [[2, 'replicas'], [3, 'colour'], [5, 'name']] as const) assert.match(faults, new RegExp(`^\\S*tradewind\\.yaml:${line}:\\d+ .*${word}`, 'mu'));
  assert.deepEqual(await names(broker), ['a', 'b', 'c', 'd']);
  await load.answers(20);

  writeFileSync(broker.configFile, file('a', 'd'));
  broker.signal('SIGHUP');
  await until('b gone', async () => !(await names(broker)).includes('b'));
  assert.deepEqual(await names(broker), ['a', 'c', 'd']);
  assert.equal((await broker.predict('b', { input: [1] })).json.error?.code, 'unknown_app');
  assert.equal((await broker.predict('c', { input: [1, 2] })).json.output, 3);
  await load.answers(20);
  const { broken, wrong, kinds, sent, answered } = await load.stop();
  assert.deepEqual([broken, wrong, Object.keys(kinds), sent - answered], [[], [], ['200 model'], 0]);

  await broker.kill9();
  const again = await (await BrokerProcess.start(t, { folder: broker.folder })).ready();
  assert.deepEqual(await names(again), ['a', 'c', 'd']);
  assert.equal((await again.predict('c', { input: [1, 2] })).json.output, 3);
  assert.deepEqual(await again.stop(), { code: 0, signal: null });
});

test('apply: a new version takes over under load, without a failed query, and the old one goes', async (t) => {
  const yaml = (version: number, element: number): string => `models:\n  - { name: m, version: ${version}, container: synthetic, output: { kind: value }, labels: [stable], options: { seed: ${element} } }\napps:\n${app('m')}`;
  const broker = await (await BrokerProcess.start(t, { yaml: yaml(1, 1) })).ready();
  const [old] = await broker.replicas('m@1');
  const load = loadOn(broker, 'm');
  await load.answers(50);
  for (const version of [2, 3]) {
    writeFileSync(broker.configFile, yaml(version, version));
    const applied = await tradewind(['apply', broker.configFile], { cwd: broker.folder, env: { TRADEWIND_STATE_DIR: `${broker.folder}/state`, TRADEWIND_LISTEN_HTTP: '127.0.0.1:0' } }).ended;
    assert.equal(applied.code, 0, applied.err);
    assert.match(applied.out, new RegExp(`^\\+ model m@${version}$`, 'mu'));
    assert.match(applied.out, new RegExp(`^- model m@${version - 1}$`, 'mu'));
    await until(`version ${version}`, async () => (await broker.predict('m', { input: [1] })).json.version === version);
    await until('the old one gone', async () => await broker.metric('tradewind_replicas', { version: String(version - 1) }) === 0);
    await load.answers(50);
  }
  const { broken, wrong, kinds, sent, answered } = await load.stop();
  assert.deepEqual([broken, wrong, Object.keys(kinds), sent - answered], [[], [], ['200 model'], 0]);
  assert.equal(spawnSync('kill', ['-0', String(old?.pid)]).status, 1);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(broker.log.filter(({ level }) => level > 30), []);
});
