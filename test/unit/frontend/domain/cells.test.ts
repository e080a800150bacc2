import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { difference, incremented, isCell } from '../../../../frontend/domain/cells.ts';
import { cellsOf } from '../../../support/counting-policy.ts';
import { seeded, SEED } from '../../../support/random.ts';

test('a cell holds 64 bits, of which the least has no opposite', () => {
  assert.ok(isCell(2n ** 63n - 1n) && isCell(-(2n ** 63n) + 1n));
  assert.ok(!isCell(2n ** 63n) && !isCell(-(2n ** 63n)));
});

test('sums begin at nothing, maxima at what comes first', () => {
  assert.deepEqual([incremented(undefined, { cell: 'c', add: -3n }), incremented(5n, { cell: 'c', add: -3n })], [-3n, 2n]);
  assert.deepEqual([incremented(undefined, { cell: 'c', max: -3n }), incremented(-9n, { cell: 'c', max: -3n }), incremented(4n, { cell: 'c', max: -3n })], [-3n, -3n, 4n]);
});

test(seeded('what was and the difference come to what is'), () => {
  const adds = fc.array(fc.record({ cell: fc.constantFrom('a', 'b', 'c'), add: fc.bigInt(-50n, 50n) }), { maxLength: 8 });
  fc.assert(fc.property(adds, adds, (after, before) => {
    const changes = difference(after, before);
    assert.equal(new Set(changes.map(({ cell }) => cell)).size, changes.length);
    const nonZero = (cells: Record<string, bigint>): unknown => Object.entries(cells).filter(([, value]) => value !== 0n);
    assert.deepEqual(nonZero(cellsOf([...before, ...changes])), nonZero(cellsOf(after)));
  }), { seed: SEED });
});

test('maxima are handed on and never taken back', () => {
  assert.deepEqual(difference([{ cell: 'm', max: 3n }], [{ cell: 'm', max: 9n }, { cell: 'n', add: 1n }]), [{ cell: 'n', add: -1n }, { cell: 'm', max: 3n }]);
});
