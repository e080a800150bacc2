import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contributionOf, Stamps } from '../../../../../frontend/serving/feedback/credit.ts';
import { fold } from '../../../../../frontend/serving/feedback/claim.ts';
import { TOGETHER } from '../../../../../frontend/serving/feedback/reward.ts';
import { CellTable } from '../../../../../frontend/storage/cell-table.ts';
import { countingPolicy } from '../../../../support/counting-policy.ts';
import { makeApp } from '../../../../support/specs.ts';

const HOW = { propensity: 0.5, atEpochMs: 5, aggregation: 'first', zeroUnits: 0 } as const;
const folded = fold(undefined, { arms: [{ arm: 'x', units: 2 ** 19 }] }, 'first');
const state = folded.kind === 'taken' ? folded.state : assert.fail();

test('the policy is told in its own words: a reward in [0, 1], microseconds', () => {
  assert.deepEqual(contributionOf({ spec: makeApp(), policy: countingPolicy }, state, HOW), [{ cell: 'n/x', add: 1n }, { cell: 'r/x', add: 2n ** 19n }, { cell: 'latest', max: 5000n }]);
  assert.deepEqual(contributionOf({ spec: makeApp(), policy: countingPolicy }, { ...state, tallies: [] }, HOW), []);
});

test('what no cell can take is refused', () => {
  for (const increments of [[{ cell: 'n', add: 2n ** 63n }], [{ cell: 'n', max: -(2n ** 63n) }], Array.from({ length: 10_000 }, (_, i) => ({ cell: `${i}`, add: 1n }))]) {
    assert.throws(() => contributionOf({ spec: makeApp(), policy: { ...countingPolicy, contribution: () => increments } }, state, HOW), RangeError);
  }
});

test('a stamp is of the view as it is now, which is made once for each version of the cells', () => {
  const cells = new CellTable();
  let views = 0;
  const policy = { ...countingPolicy, view: () => { views++; return null; }, stamp: (_view: null, i: number) => 10 * views + i };
  const app = { spec: makeApp({ arms: ['x', 'y'] }), policy };
  const stamps = new Stamps(cells, () => 0);
  assert.deepEqual([stamps.of(app, 'x'), stamps.of(app, 'y'), stamps.of(app, 'z')], [10, 11, undefined]);
  cells.add('a', [{ cell: 'n', add: 1n }]);
  assert.equal(stamps.of(app, 'y'), 21);
  assert.equal(new Stamps(cells, () => 0).of({ ...app, policy: countingPolicy }, 'x'), undefined);
});

test('what an ensemble earned together calibrates its confidence, and is no arm of the policy\'s', () => {
  const both = fold(undefined, { arms: [{ arm: 'x', units: 2 ** 20 }, { arm: TOGETHER, units: 2 ** 20 }] }, 'first');
  const taken = both.kind === 'taken' ? both.state : assert.fail();
  const app = { spec: makeApp(), policy: countingPolicy };
  const cells = contributionOf(app, taken, { ...HOW, confidence: 0.75 }).map((increment) => increment.cell);
  assert.deepEqual(cells, ['n/x', 'r/x', 'latest', '/confidence/15/n', '/confidence/15/c', '/confidence/15/s']);
  assert.deepEqual(contributionOf(app, taken, HOW).map((increment) => increment.cell), ['n/x', 'r/x', 'latest']);
});
