import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';

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
/** A policy that breaks its contract in ways that are no exceptions of its own: the slips of somebody's first one. */
const NONSENSE = `
const KINDS = [
  { view: async () => { throw new Error('nobody waits for me'); } },
  { contribution: ({ rewards }) => rewards.map(({ arm }) => ({ cell: arm, add: 1 })) },
  { estimates: () => undefined },
  { plan: (_view, arms) => ({ actions: [{ ask: [arms[1]] }, null], pmf: [1, 0] }) },
];
export const policy = {
  summary: 'It breaks its contract.', options: { kind: { type: 'integer', default: 0, min: 0, max: 3, help: 'How.' } },
  make: ({ kind }) => ({
    name: 'nonsense', contextual: false,
    contribution: ({ rewards }) => rewards.map(({ arm }) => ({ cell: arm, add: 1n })), view: (cells) => cells,
    plan: (_view, arms) => ({ actions: arms.map((arm) => ({ ask: [arm] })), pmf: [0, 1] }), estimates: () => [], ...KINDS[kind],
  }),
};
`;
const YAML = `
policies: [{ name: faulty, module: ./faulty.mjs }, { name: nonsense, module: ./nonsense.mjs }]
models:
  - { name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: faulty, slo_ms: 30000 }
  - { name: async, arms: [m, n], policy: { name: nonsense, kind: 0 }, slo_ms: 30000 }
  - { name: numbers, arms: [m, n], policy: { name: nonsense, kind: 1 }, slo_ms: 30000 }
  - { name: speechless, arms: [m, n], policy: { name: nonsense, kind: 2 }, context_key: user, slo_ms: 30000 }
  - { name: crooked, arms: [m, n], policy: { name: nonsense, kind: 3 }, slo_ms: 30000 }
`;
const broker = await (await BrokerProcess.start({ after }, { yaml: YAML, files: { 'faulty.mjs': POLICY, 'nonsense.mjs': NONSENSE } })).ready();

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
  await until('told', () => broker.log.some(({ msg, fault }) => /the policy failed/u.test(msg) && /as told/u.test(String(fault))));
});

test('a reward that the policy cannot take is kept, and says that it taught nothing', async () => {
  const { json: { decision_id: id } } = await broker.predict('a', { input: [1, 2] });
  const reply = await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: id, reward: 1 }) });
  assert.deepEqual([reply.status, await reply.json()], [202, { verdict: 'not_teachable' }]);
});

test('a policy that breaks its contract without throwing is told of it, and neither a prediction nor the broker fails', async () => {
  for (const [app, verdict] of [['async', 'accepted'], ['numbers', 'not_teachable'], ['speechless', 'accepted'], ['crooked', 'accepted']] as const) {
    for (let i = 0; i < 3; i++) {
      const { status, json } = await broker.predict(app, { input: [i, 1], context: { user: 'ann' } });
      assert.deepEqual([status, json.output], [200, i + 1], app);
      const reply = await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: json.decision_id, reward: 1 }) });
      assert.deepEqual([reply.status, await reply.json()], [202, { verdict }], app);
    }
    assert.equal((await fetch(`${broker.url}/admin/apps/${app}/selection`)).status, 200, app);
    assert.ok(await broker.metric('tradewind_policy_faults_total', { app }) > 0, app);
  }
  await broker.admin('apps/crooked/selection', { pin: 'm' });
  assert.equal((await broker.predict('crooked', { input: [1, 1] })).json.model, 'm');
});
