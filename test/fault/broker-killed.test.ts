import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, replicas: 2 }
  - { name: hangs, version: 1, container: synthetic, output: { kind: value }, options: { hang: 1 } }
  - { name: starts, version: 1, container: synthetic, options: { start_ms: 600000 } }
apps:
  - { name: m, arms: [m], slo_ms: ${SLO_MS} }
  - { name: hangs, arms: [hangs], slo_ms: ${SLO_MS} }
`;

/** Two of `m`, the one that will hang and what admin added are ready; one is starting, and always will be. */
async function up(broker: BrokerProcess): Promise<void> {
  await until('up', async () => {
    const replicas = await broker.replicas();
    return replicas.filter(({ state }) => state === 'ready').length === 4 && replicas.some(({ state, pid }) => state === 'starting' && pid !== undefined);
  });
}

test('kill -9 of the broker under load: no container is left, whatever it was doing, and the next broker starts on the same state', async (t) => {
  let broker = await BrokerProcess.start(t, { yaml: YAML });
  await broker.admin('models/extra/versions/1', { container: 'synthetic', output: { kind: 'value' } });
  for (let round = 0; round < 3; round++) {
    await up(broker);
    const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 8, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
    const hanging = new SteadyLoad({ url: broker.url, app: 'hangs', connections: 1, sloMs: SLO_MS, input: (n) => [n], expected: (n) => n });
    await load.answers(50);
    const pids = (await broker.replicas()).flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    assert.equal(pids.length, 5);
    assert.ok(pids.every(isRunning));
    assert.deepEqual(await broker.kill9(), { code: null, signal: 'SIGKILL' });
    await until('nobody left', () => !pids.some(isRunning));
    // Those that were heard had their answers; the one that was under way on each connection went with the broker.
    const { sent, answered, wrong } = await load.closed();
    assert.deepEqual(wrong, []);
    assert.ok(sent - answered <= 8);
    await hanging.closed();
    broker = await BrokerProcess.start(t, { folder: broker.folder });
  }
  await up(broker);
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  for (const folder of ['processes', 'work']) {
    const path = join(broker.folder, 'state', folder);
    assert.deepEqual(existsSync(path) ? readdirSync(path) : [], [], folder);
  }
});

test('a second broker on the same state folder is turned away and disturbs nobody', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: 'models:\n  - { name: m, version: 1, container: synthetic, output: { kind: value } }\napps:\n  - { name: m, arms: [m], slo_ms: 30000 }\n' })).ready();
  const before = await broker.replicas();
  await assert.rejects(BrokerProcess.start(t, { folder: broker.folder }), /in use by another broker/u);
  assert.deepEqual((await broker.replicas()).map(({ pid }) => pid), before.map(({ pid }) => pid));
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
