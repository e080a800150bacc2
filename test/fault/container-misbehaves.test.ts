import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { assertCounted, assertSettled } from '../support/settled.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const OFTEN = 0.05;

const config = (options: string): string => `
models:
  - { name: bad, version: 1, container: synthetic, output: { kind: value }, replicas: 2, options: { per_batch_ms: 1, ${options} }, batching: { max_batch: 4 } }
  - { name: good, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: bad, arms: [bad], slo_ms: ${SLO_MS}, default: -1 }
  - { name: good, arms: [good], slo_ms: ${SLO_MS}, default: -1 }
`;

const loadOn = (broker: BrokerProcess, app: string, connections: number): SteadyLoad => new SteadyLoad({
  url: broker.url, app, connections, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1,
});

const cases = [
  { fate: 'crash', dies: /replica died: .*killed by SIGKILL/u, outcome: 'lost' },
  { fate: 'hang', dies: /replica died: no answer to a batch of \d+ for \d+ ms/u, outcome: 'hung' },
  { fate: 'wrong_rows', dies: /replica died: .*rows/u, outcome: 'lost' },
  { fate: 'garbage', dies: /replica died: .*not a frame/u, outcome: 'lost' },
  { fate: 'fail', dies: undefined, outcome: 'error' },
] as const;

for (const { fate, dies, outcome } of cases) {
  test(`a model that does "${fate}" to one batch in twenty: every query is answered once, with a reason where it failed; another model notices nothing`, async (t) => {
    const broker = await (await BrokerProcess.start(t, { yaml: config(`${fate}: ${OFTEN}`) })).ready();
    const bad = loadOn(broker, 'bad', 8);
    const good = loadOn(broker, 'good', 2);
    await until(`${outcome} batches`, async () => await broker.metric('tradewind_batches_total', { model: 'bad', outcome }) >= 2);
    await bad.kind('200 model', 50);
    const report = await bad.stop();
    const neighbour = await good.stop();
    assertSettled(report, /^200 (model|default (no_replica|replica_failed|batch_failed|row_failed))$/u);
    assertSettled(neighbour, /^200 model$/u);
    await assertCounted(broker, 'bad', report.kinds);
    await assertCounted(broker, 'good', neighbour.kinds);
    const deaths = (): readonly string[] => broker.log.filter(({ level, msg }) => level === 40 && msg.startsWith('replica died')).map(({ msg }) => msg);
    if (dies === undefined) assert.deepEqual(deaths(), []);
    else await until('told how it dies', () => deaths().some((msg) => dies.test(msg)));
    await broker.ready();
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  });
}

test('a model that prints a flood waits for it to be read: no more is looked at than is shown, and every line is counted', async (t) => {
  const LINES = 1_500_000;
  const flood = `
process.stdout.write('y\\n'.repeat(${LINES}) + 'the last\\n');
export const serving = { inputs: [{ name: 'x', dtype: 'float32', shape: [1] }] };
export const predict = ({ inputs }) => ({ y: inputs.x });
`;
  const broker = await (await BrokerProcess.start(t, {
    files: { 'flood.ts': flood },
    yaml: `
models:
  - { name: flood, version: 1, container: typescript, path: flood.ts }
  - { name: quiet, version: 1, container: synthetic, output: { kind: value } }
apps: [{ name: flood, arms: [flood], slo_ms: ${SLO_MS} }]
`,
  })).ready();
  const said = (start: string): number => broker.log.filter(({ model, msg }) => model === 'flood' && msg.startsWith(start)).length;
  await until('its last line', async () => (await broker.replicas('flood@1'))[0]?.output.at(-1) === 'the last');
  // The log is written off the road: a line of it may come after an answer that was given later.
  await until('each line told or counted', async () => await broker.metric('tradewind_log_drops_total', { model: 'flood', version: '1' }) === LINES + 1 - said('y') - said('the last'));
  assert.equal(said('(it prints more than 4194304 bytes a second'), 1);
  assert.equal(await broker.metric('tradewind_log_drops_total', { model: 'quiet' }), 0);
  const warned = broker.log.filter(({ level, msg }) => level === 40 && msg.startsWith('it prints more than 100 lines a second'));
  assert.deepEqual([...new Set(warned.map(({ model }) => model))], ['flood'], 'who it is stands among the troubles that `status` shows');
  assert.equal((await broker.predict('flood', { input: [3] })).status, 200);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
