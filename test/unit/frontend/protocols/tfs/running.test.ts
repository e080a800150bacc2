import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../../frontend/domain/answer.ts';
import type { AskedRows } from '../../../../../frontend/protocols/ask.ts';
import { answeredVersion, submitRows } from '../../../../../frontend/protocols/tfs/running.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { rawOutputs, servedModel, tfsWorld, type TfsWorld } from '../../../../support/tfs-world.ts';

const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [] };
const model = servedModel('m', [X], rawOutputs('value', X));

function rowsOf({ slabs }: TfsWorld): AskedRows {
  const { slab, offset } = slabs.allocate(4);
  return { columns: [{ name: 'x', dtype: 'float32', shape: [], slab, offset, strideBytes: 4, rowBytes: 4 }], rows: 1, batchKey: 'k' };
}
const ASK = { served: model, ask: {}, arrivedAtMicros: 1000 };

test('rows become a query with the deadline that is nearest, and the answer comes to its caller', () => {
  const world = tfsWorld([model]);
  const answers: Answer[] = [];
  const running = submitRows(world, { ...ASK, ask: { sloMs: 50 }, patienceMicros: 20_000 }, rowsOf(world), { answered: (answer) => answers.push(answer) });
  assert.ok('cancel' in running);
  assert.deepEqual(world.queries.map(({ sloMicros, deadlineAtMicros, pin, many }) => ({ sloMicros, deadlineAtMicros, pin, many })), [{ sloMicros: 20_000, deadlineAtMicros: 21_000, pin: { model: 'm' }, many: true }]);
  assert.equal(answers.length, 1);
  assert.equal(world.slabs.usedSlabs, 0);
  assert.equal(world.calls.open, 0);
});

test('who has gone is taken back, and nothing comes to it', () => {
  const world = tfsWorld([model]);
  world.respond = () => undefined;
  const running = submitRows(world, ASK, rowsOf(world), { answered: () => assert.fail('answered') });
  assert.ok('cancel' in running);
  running.cancel();
  assert.deepEqual(world.cancelled, [100]);
  assert.equal(world.calls.open, 0);
});

test('a refusal holds neither a slot nor memory', () => {
  const world = tfsWorld([model]);
  const late = submitRows(world, { ...ASK, ask: { sloMs: Number.NaN } }, rowsOf(world), { answered: () => assert.fail('answered') });
  assert.equal('code' in late && late.code, 'invalid_slo');
  world.respond = () => undefined;
  for (let i = 0; i < 4; i++) submitRows(world, ASK, rowsOf(world), { answered: () => undefined });
  const full = submitRows(world, ASK, rowsOf(world), { answered: () => assert.fail('answered') });
  assert.equal('code' in full && full.code, 'overloaded');
  assert.equal(world.calls.open, 4);
  assert.equal(world.slabs.usedSlabs, 0);
});

test('where nobody knows the inputs the road says what becomes of each row', () => {
  const world = tfsWorld([model]);
  const answers: Answer[] = [];
  submitRows(world, ASK, { rows: 3 }, { answered: (answer) => answers.push(answer) });
  assert.deepEqual(world.unparsed, [{ slot: 100, app: 'm', rows: 3 }]);
  assert.equal(answers.length, 1);
});

test('the version of an answer is the model\'s, or the app itself', () => {
  const answer = { slot: 1, latencyMicros: 1, ok: true as const, source: 'model' as const, version: 7, rows: [] };
  assert.equal(answeredVersion(model, answer), 7);
  assert.equal(answeredVersion({ ...model, kind: 'app', version: 1 }, answer), 1);
});
