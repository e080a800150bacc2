import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../../../frontend/domain/decision.ts';
import { saidToInner } from '../../../../../frontend/serving/feedback/inner-feedback.ts';
import { EPOCH_MS, FeedbackWorld } from '../../../../support/feedback-world.ts';

const DECISION: Decision = {
  id: new Uint8Array(12), app: 'a', revision: new Uint8Array(8), policy: 'p', viewVersion: 0, arms: [], pmf: [], action: 0, propensity: 1, mode: 'policy', atEpochMs: EPOCH_MS, sloMs: 1, rows: 2,
  asked: [{ arm: 'x', version: 1, outputs: [1, 2] }, { arm: 'app:i', version: 0, outputs: [1, null], decisionId: 'I' }, { arm: 'app:late', version: 0, outputs: [], missed: 'deadline_exceeded', decisionId: 'L' }],
};

test('the same is said of what inner apps decided, row by row, where they answered', () => {
  assert.deepEqual(saidToInner(DECISION, { kind: 'label', label: 7 }, { row: 0, aggregation: 'first', id: 'mine' }), [{ decisionId: 'I.0', id: 'mine', label: 7 }]);
  assert.deepEqual(saidToInner(DECISION, { kind: 'units', units: 2 ** 19 }, { row: 0, aggregation: 'first' }), [{ decisionId: 'I.0', id: 'outer', reward: 0.5 }]);
  assert.deepEqual(saidToInner(DECISION, { kind: 'units', units: 2 ** 19 }, { row: 0, aggregation: 'last' }), [{ decisionId: 'I.0', reward: 0.5 }]);
  assert.deepEqual(saidToInner(DECISION, { kind: 'label', label: 7 }, { row: 1, aggregation: 'first' }), []);
  assert.deepEqual(saidToInner({ ...DECISION, rows: 1 }, { kind: 'label', label: 7 }, { row: 0, aggregation: 'first' }), [{ decisionId: 'I', id: 'outer', label: 7 }]);
});

test('a label and a reward of the outer decision teach both apps, each once however often they come', async () => {
  const world = await FeedbackWorld.make({}, { spec: { arms: ['app:i', 'x'] } });
  const inner = await world.alsoServe('i', ['m', 'n']);
  const child = (): string => world.recorded({ app: 'i', revision: inner, asked: [{ arm: 'n', version: 1, outputs: [7] }] }, { app: inner, action: 1 });
  const outer = (): string => world.recorded({ asked: [{ arm: 'app:i', version: 1, outputs: [7], decisionId: child() }] });
  const [labelled, rewarded] = [outer(), outer()];
  assert.deepEqual(await world.words({ decisionId: labelled, label: 7 }), ['accepted']);
  assert.deepEqual(await world.words({ decisionId: rewarded, reward: 0.25 }, { decisionId: labelled, label: 7 }, { decisionId: rewarded, reward: 0.25 }), ['accepted', 'repeated', 'repeated']);
  const { latest: _, ...cells } = world.cells;
  assert.deepEqual(cells, { 'n/app:i': 2n, 'r/app:i': 5n * 2n ** 18n });
  const { latest: __, ...innerCells } = world.cellsOf('i');
  assert.deepEqual(innerCells, { 'n/n': 2n, 'r/n': 5n * 2n ** 18n });
});

test('a correction of the outer reward corrects the inner app too; one that sums up counts what has no id once', async () => {
  for (const [aggregation, innerUnits] of [['last', 2n ** 19n], ['max', 2n ** 20n], ['sum', 2n ** 20n], ['first', 2n ** 20n]] as const) {
    const world = await FeedbackWorld.make({ aggregation: 'last' }, { spec: { arms: ['app:i', 'x'] } });
    const inner = await world.alsoServe('i', ['m', 'n'], { aggregation });
    const child = world.recorded({ app: 'i', revision: inner, asked: [{ arm: 'n', version: 1, outputs: [7] }] }, { app: inner, action: 1 });
    const decisionId = world.recorded({ asked: [{ arm: 'app:i', version: 1, outputs: [7], decisionId: child }] });
    for (const reward of [1, 0.5]) assert.deepEqual(await world.words({ decisionId, reward }), ['accepted']);
    assert.deepEqual([world.cells['r/app:i'], world.cellsOf('i')['r/n'], world.cellsOf('i')['n/n']], [2n ** 19n, innerUnits, 1n], aggregation);
  }
});

test('without its record an outer reward still teaches the outer app', async () => {
  const world = await FeedbackWorld.make({}, { spec: { arms: ['app:i', 'x'] } });
  assert.deepEqual(await world.words({ decisionId: world.decide(), reward: 1 }), ['accepted']);
  assert.equal(world.cells['n/app:i'], 1n);
});
