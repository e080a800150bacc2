import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';

const GARBAGE = 'this is no model\n';

const cases = [
  { name: 'exits at start', model: 'container: synthetic, options: { exit_at_start: true }', why: /exited with code 1/u },
  { name: "says another model's name", model: 'container: synthetic, options: { says_model: other }', why: /refused \(wrong_model\)/u },
  { name: 'shows another token', model: 'container: synthetic, options: { bad_token: true }', why: /refused \(bad_token\)/u },
  { name: 'has an option that does not exist', model: 'container: synthetic, options: { per_bach_ms: 1 }', why: /exited with code 1/u, prints: /option per_bach_ms is unknown/u },
  { name: 'has a corrupt model file', model: 'container: onnx, path: corrupt.onnx', why: /exited with code 1/u, prints: /corrupt\.onnx/u },
  { name: 'is a program that is none', model: 'container: { command: [no-such-program] }', why: /there is no program/u },
  { name: 'is a program of the wrong kind', model: 'container: { command: [node, -e, "console.log(1)"] }', why: /exited with code 0/u },
] as const;

const config = `
models:
  - { name: good, version: 1, container: synthetic, output: { kind: value } }
${cases.map(({ model }, i) => `  - { name: bad-${i}, version: 1, ${model} }\n`).join('')}
  - { name: mute, version: 1, container: synthetic, options: { mute: true } }
apps:
  - { name: good, arms: [good], slo_ms: 30000 }
${cases.map((_, i) => `  - { name: bad-${i}, arms: [bad-${i}], output: raw, default: -1 }\n`).join('')}
  - { name: mute, arms: [mute], output: raw, on_miss: error }
`;

test('containers that do not come up: the operator is told which and why, each query gets its reason, and the others serve', async (t) => {
  const broker = await BrokerProcess.start(t, { yaml: config, files: { 'corrupt.onnx': GARBAGE } });
  for (const [i, { name, why, ...more }] of cases.entries()) {
    await t.test(`a container that ${name}`, async () => {
      const replica = await until('dead', async () => (await broker.replicas(`bad-${i}@1`)).find(({ deaths }) => deaths > 0));
      assert.match(replica.reason ?? '', why);
      const death = await until('logged', () => broker.log.find(({ msg, model }) => msg.startsWith('replica died') && model === `bad-${i}`));
      assert.match(death.msg, why);
      if ('prints' in more) {
        // In the broker's log, by model and replica, and beside the death.
        assert.ok(broker.log.some(({ msg, model }) => model === `bad-${i}` && more.prints.test(msg)));
        assert.match((death['output'] as string[]).join('\n'), more.prints);
        assert.doesNotMatch((death['output'] as string[]).join('\n'), /^\s+at /mu);
      }
      const { status, json } = await broker.predict(`bad-${i}`, { input: [1] });
      assert.deepEqual([status, json.source, json.output, json.reason], [200, 'default', -1, 'no_replica']);
      assert.equal(await broker.metric('tradewind_requests_total', { app: `bad-${i}`, source: 'default', reason: 'no_replica' }), 1);
      assert.ok(await broker.metric('tradewind_replica_deaths_total', { model: `bad-${i}` }) >= 1);
    });
  }
  await t.test('a container that never says hello', async () => {
    assert.deepEqual((await broker.replicas('mute@1')).map(({ state }) => state), ['starting']);
    const { status, json } = await broker.predict('mute', { input: [1] });
    assert.deepEqual([status, json.error?.code], [503, 'no_replica']);
  });
  await t.test('readyz names exactly those that have no replica', async () => {
    await until('good ready', async () => !(await broker.readiness()).missing.includes('good@1'));
    const { status, missing } = await broker.readiness();
    assert.equal(status, 503);
    assert.deepEqual([...missing].toSorted((a, b) => a.localeCompare(b)), [...cases.map((_, i) => `bad-${i}@1`), 'mute@1']);
    assert.equal((await broker.predict('good', { input: [1, 2] })).json.output, 3);
  });
  await t.test('what is put right comes up by itself, or at apply', async () => {
    writeFileSync(broker.configFile, config.replace('exit_at_start: true', 'exit_at_start: false').replace(/^ {2}- \{ name: (bad-[1-9]|mute).*\n/gmu, ''));
    broker.signal('SIGHUP');
    await broker.ready();
    assert.deepEqual((await broker.readiness()).missing, []);
  });
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('a model file that is not there is refused before anything starts', async (t) => {
  await assert.rejects(
    BrokerProcess.start(t, { yaml: 'models:\n  - { name: m, version: 1, container: onnx, path: nowhere/model.onnx }\n' }),
    /tradewind\.yaml:2:\d+ .*nowhere\/model\.onnx/u,
  );
});

test('a model file that goes while the broker runs: the replica that dies does not come back, until the file does', async (t) => {
  const model = new URL('../../deploy/demo/models/digits-logistic/1/model.onnx', import.meta.url);
  const file = join(folderWith(t), 'model.onnx');
  copyFileSync(model, file);
  const broker = await (await BrokerProcess.start(t, {
    yaml: `models:\n  - { name: m, version: 1, container: onnx, path: ${file}, output: { name: probabilities, kind: probabilities } }\napps:\n  - { name: m, arms: [m], default: -1 }\n`,
  })).ready();
  rmSync(file);
  const [replica] = await broker.replicas();
  assert.ok(replica?.pid);
  process.kill(replica.pid, 'SIGKILL');
  await until('tried in vain', async () => (await broker.replicas()).some(({ deaths }) => deaths > 1));
  assert.equal((await broker.readiness()).status, 503);
  assert.equal((await broker.predict('m', { input: Array.from({ length: 64 }, () => 0) })).json.reason, 'no_replica');
  copyFileSync(model, file);
  await broker.ready();
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
