import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';

const YAML = `
models:
  - { name: good, version: 1, slo_ms: 30000, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
  - { name: poor, version: 1, container: synthetic, input: { dtype: float32, shape: [2] }, output: { kind: value } }
apps:
  - { name: two, arms: [poor, good], slo_ms: 30000 }
  - { name: both, arms: [poor, good], slo_ms: 30000, ensemble: { combine: mean } }
`;
let broker = await (await BrokerProcess.start({ after }, { yaml: YAML })).ready();

interface Selection {
  readonly policy: string;
  readonly view: number;
  readonly steering: object;
  readonly arms: readonly { arm: string; share: number; reward?: { mean: number; low: number; high: number }; probability_best: number }[];
}

async function selection(app = 'two'): Promise<Selection> {
  return (await (await fetch(`${broker.url}/admin/apps/${app}/selection`)).json()) as Selection;
}

async function feedback(item: object): Promise<number> {
  const reply = await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(item) });
  await reply.text();
  return reply.status;
}

/** Asks so often, and rewards the good model alone; who was asked how often. */
async function rounds(count: number): Promise<Readonly<Record<string, number>>> {
  const asked: Record<string, number> = { good: 0, poor: 0 };
  for (let i = 0; i < count; i++) {
    const { json: { model = '', decision_id: id } } = await broker.predict('two', { input: [i, 0] });
    asked[model] = (asked[model] ?? 0) + 1;
    assert.equal(await feedback({ decision_id: id, reward: model === 'good' ? 1 : 0 }), 202);
  }
  return asked;
}

test('an app that names several arms and no policy learns over HTTP which of them is best', async () => {
  assert.equal((await selection()).policy, 'adaptive');
  await rounds(60);
  const later = await rounds(60);
  assert.ok((later['good'] ?? 0) > 50, JSON.stringify(later));
  const { arms: [poor, good], view } = await selection();
  assert.ok(good !== undefined && poor !== undefined && view > 100);
  assert.ok(good.share > 0.9 && good.probability_best > 0.99 && (good.reward?.low ?? 0) > 0.9 && (poor.reward?.mean ?? 0) === 0, JSON.stringify([poor, good]));
});

test('one decision is explained: who might have been asked, how likely, and what came of it', async () => {
  const { json: { decision_id: id, model } } = await broker.predict('two', { input: [1, 2] });
  const explained = await until('recorded', async () => {
    const found = (await (await fetch(`${broker.url}/admin/decisions/${id ?? ''}`)).json()) as { app: string; mode: string; propensity: number; record: { arms: string[]; probabilities: number[]; asked: { arm: string; outputs: number[] }[] } | null };
    return found.record === null ? undefined : found;
  });
  assert.equal(explained.app, 'two');
  assert.deepEqual(explained.record?.arms, ['poor', 'good']);
  assert.deepEqual(explained.record?.asked.map(({ arm, outputs }) => [arm, outputs]), [[model, [3]]]);
  assert.ok(explained.record?.probabilities.includes(explained.propensity));
});

test('feedback on the answer of a model that was asked by its own name is refused in words', async () => {
  const body = JSON.stringify({ inputs: [{ name: 'input', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] });
  const answer = await fetch(`${broker.url}/v2/models/good/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { parameters } = (await answer.json()) as { parameters: { decision_id: string } };
  for (const said of [{ reward: 1 }, { label: 3 }]) {
    const reply = await fetch(`${broker.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: parameters.decision_id, ...said }) });
    const { error } = (await reply.json()) as { error: { code: string; retryable: boolean } };
    assert.deepEqual([reply.status, error.code, error.retryable], [409, 'not_an_app', false]);
  }
});

test('the operator pins an arm; a restart keeps the hand and what was learned; taken off, the policy chooses again', async () => {
  await broker.admin('apps/two/selection', { pin: 'poor' });
  for (let i = 0; i < 5; i++) assert.equal((await broker.predict('two', { input: [i, 1] })).json.model, 'poor');
  assert.equal(await broker.metric('tradewind_steered', { app: 'two', hand: 'pin' }), 1);
  const learned = (await selection()).arms;
  await broker.stop();
  broker = await (await BrokerProcess.start({ after }, { yaml: YAML, folder: broker.folder })).ready();
  assert.deepEqual((await selection()).steering, { pin: 'poor' });
  assert.deepEqual((await selection()).arms.map(({ reward }) => reward), learned.map(({ reward }) => reward));
  assert.equal((await broker.predict('two', { input: [1, 1] })).json.model, 'poor');
  await broker.admin('apps/two/selection');
  assert.ok(((await selection()).arms[1]?.share ?? 0) > 0.9);
});

test('frozen, rewards are kept and teach nothing; what was learned is forgotten on demand', async () => {
  await broker.admin('apps/two/selection', { frozen: true });
  const before = await selection();
  await rounds(5);
  assert.deepEqual((await selection()).arms.map(({ reward }) => reward), before.arms.map(({ reward }) => reward));
  await broker.admin('apps/two/selection');
  await broker.admin('apps/two/selection/cells');
  const forgotten = await until('forgotten', async () => {
    const now = await selection();
    return now.arms.every(({ reward }) => reward === undefined) && now;
  });
  assert.ok(Math.abs((forgotten.arms[0]?.share ?? 0) - 0.5) < 1e-6);
});

test('hands that cannot be are refused in words', async () => {
  await assert.rejects(broker.admin('apps/two/selection', { pin: 'x' }), /no arm of the app/u);
  await assert.rejects(broker.admin('apps/nope/selection', { pin: 'x' }), /unknown_app/u);
  await assert.rejects(broker.admin('apps/two/selection', { floors: { poor: 2 } }), /floors/u);
});

test('an ensemble answers with all, and one label teaches each of its arms', async () => {
  const { json } = await broker.predict('both', { input: [2, 3] });
  assert.deepEqual([json.source, json.output, json.model], ['ensemble', 5, undefined]);
  assert.equal(await feedback({ decision_id: json.decision_id, label: 5 }), 202);
  const { arms, policy } = await selection('both');
  assert.equal(policy, 'hedge');
  assert.deepEqual(arms.map(({ reward }) => reward?.mean), [1, 1]);
});

test('an arm is added and another removed while decisions are open: rewards find whom they are for', async () => {
  const { json: { decision_id: id } } = await broker.predict('two', { input: [1, 1], model: 'good' });
  const open = [];
  for (let i = 0; i < 20; i++) open.push((await broker.predict('two', { input: [i, 1] })).json);
  await broker.admin('models/new/versions/1', { container: 'synthetic', input: { dtype: 'float32', shape: [2] }, output: { kind: 'value' } });
  await broker.admin('apps/two', { arms: ['new', 'good'], slo_ms: 30000 });
  for (const { decision_id, model } of open) assert.equal(await feedback({ decision_id, reward: model === 'good' ? 1 : 0 }), 202);
  assert.equal(await feedback({ decision_id: id, reward: 1 }), 202, 'what the caller chose is taken, and teaches nothing');
  const { arms } = await selection();
  const good = open.filter(({ model }) => model === 'good').length;
  assert.ok(good > 0);
  assert.deepEqual(arms.map(({ arm, reward }) => [arm, reward === undefined ? 0 : reward.mean]), [['new', 0], ['good', 1]]);
});
