import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolledBack, withFormer } from '../../../../frontend/control/label-history.ts';
import { MOST_FORMER_TARGETS, type DesiredState } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

const VERSIONS = Array.from({ length: 12 }, (_, i) => i + 1);

function at(stable: number | undefined, versions = VERSIONS): DesiredState {
  return desiredOf(versions.map((version) => makeModel({ version })), [], stable === undefined ? {} : { m: { stable } });
}

/** The label moved over these versions, one after another. */
function moved(...over: readonly number[]): DesiredState {
  return over.map((version) => at(version)).reduce((before, after) => withFormer(before, { ...after, ...(before.former === undefined ? {} : { former: before.former }) }));
}

test('a label that moves keeps where it was, the latest first, each once, and no more than may', () => {
  assert.equal(moved(1).former, undefined);
  assert.deepEqual({ ...moved(1, 2, 3, 1).former }, { 'm@stable': [3, 2] });
  assert.equal(moved(...VERSIONS).former?.['m@stable']?.length, MOST_FORMER_TARGETS);
});

test('versions that are gone, and labels that are, have no history', () => {
  const state = moved(1, 2, 3);
  assert.deepEqual({ ...withFormer(state, { ...at(3, [2, 3]), former: state.former ?? {} }).former }, { 'm@stable': [2] });
  assert.equal(withFormer(state, { ...at(undefined), former: state.former ?? {} }).former, undefined);
});

test('back to the last that can answer, further back the next time, and then no further', () => {
  const label = { model: 'm', label: 'stable' };
  const state = moved(1, 2, 3);
  const back = rolledBack(state, label, () => true);
  assert.ok(back);
  assert.deepEqual([back.labels['m']?.['stable'], { ...back.former }], [2, { 'm@stable': [1] }]);
  const further = rolledBack(back, label, () => true);
  assert.deepEqual([further?.labels['m']?.['stable'], further?.former], [1, undefined]);
  assert.equal(rolledBack(further ?? state, label, () => true), undefined);
  assert.equal(rolledBack(state, label, (key) => key === 'm@1')?.labels['m']?.['stable'], 1);
  assert.equal(rolledBack(state, label, () => false), undefined);
  assert.equal(rolledBack(at(undefined), label, () => true), undefined);
});
