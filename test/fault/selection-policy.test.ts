import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BrokerProcess } from '../support/broker-process.ts';

/** A policy that does what the context says: it throws, or gives what are no probabilities. */
const POLICY = `
const say = (context) => context?.fault ?? 'none';
const PMFS = { nan: [NaN, 1], negative: [-1, 2], short: [1], heavy: [0.9, 0.9], none: [0, 1] };
export const policy = {
  name: 'faulty', summary: 'It fails as it is told.', options: {},
  make: () => ({
    name: 'faulty', contextual: true,
    contribution: () => { throw new Error('no rewards today'); },
    view: () => ({}),
    plan: (_view, arms, context) => {
      if (say(context) === 'throw') throw new Error('as told');
      return { actions: arms.map((arm) => ({ ask: [arm] })), pmf: PMFS[say(context)] };
    },
    estimates: () => [],
  }),
};
`;
const YAML = `
policies: [{ name: faulty, module: ./faulty.mjs }]
models:
  - { name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: faulty, slo_ms: 2000 }
`;
const broker = await (await BrokerProcess.start({ after }, { yaml: YAML, files: { 'faulty.mjs': POLICY } })).ready();

test('a policy of the operator\'s own chooses', async () => {
  assert.equal((await broker.predict('a', { input: [1, 2] })).json.model, 'n');
});

test('a policy that throws or gives no probabilities never fails a prediction: arms share the traffic, and it is counted', async () => {
  for (const fault of ['throw', 'nan', 'negative', 'short', 'heavy']) {
    const models = new Set<string | undefined>();
    for (let i = 0; i < 24; i++) {
      const { status, json } = await broker.predict('a', { input: [i, 1], context: { fault } });
      assert.deepEqual([status, json.output], [200, i + 1], fault);
      models.add(json.model);
    }
    assert.deepEqual([models.size, models.has('m'), models.has('n')], [2, true, true], fault);
  }
  assert.ok(await broker.metric('tradewind_policy_faults_total', { app: 'a' }) >= 120);
  assert.ok(broker.log.some(({ msg, fault }) => /the policy failed/u.test(msg) && /as told/u.test(String(fault))));
});

test('a reward that the policy cannot take is kept, and says that it taught nothing', async () => {
  const { json: { decision_id: id } } = await broker.predict('a', { input: [1, 2] });
  const reply = await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: id, reward: 1 }) });
  assert.deepEqual([reply.status, await reply.json()], [202, { verdict: 'not_teachable' }]);
});
