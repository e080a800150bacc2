import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, checkEvent, count, fixed, real } from '../../../selection-policies/cells.ts';
import { rewarded } from '../../support/selection.ts';

test('reals are integers of 2^-20, to the nearest', () => {
  assert.equal(fixed(1), 1_048_576n);
  assert.equal(fixed(-0), 0n);
  assert.equal(fixed(2 ** -21), 1n);
  assert.equal(real(new Map([['x', fixed(0.75)]]), 'x'), 0.75);
  assert.equal(real(new Map(), 'x'), 0);
  assert.throws(() => fixed(Number.NaN), RangeError);
});

test('counts are never below 0', () => {
  const cells = new Map([['x', 5n], ['y', -5n]]);
  assert.deepEqual(['x', 'y', 'z'].map((cell) => count(cells, cell)), [5, 0, 0]);
});

test('adds and maxima', () => {
  const cells = new Map<string, bigint>();
  apply(cells, [{ cell: 'n', add: 2n }, { cell: 'n', add: -5n }, { cell: 'm', max: 3n }, { cell: 'm', max: 1n }, { cell: 'm', max: 4n }]);
  assert.deepEqual([...cells], [['n', -3n], ['m', 4n]]);
});

test('an event outside the contract is a bug, and told', () => {
  checkEvent(rewarded('a', 0));
  checkEvent(rewarded('a', 1, { propensity: 1e-9 }));
  for (const event of [
    rewarded('a', Number.NaN), rewarded('a', -1e-9), rewarded('a', 1.0000001), rewarded('a', 1, { propensity: 0 }), rewarded('a', 1, { propensity: Number.NaN }),
    rewarded('a', 1, { propensity: 1.1 }), rewarded('a', 1, { atMicros: Number.NaN }), { ...rewarded('a', 1), rewards: [] },
  ]) assert.throws(() => checkEvent(event), RangeError);
});
