import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToStretch, expiredStretches, readStretches } from '../../../selection-policies/time-cells.ts';
import { rewarded } from '../../support/selection.ts';

const STRETCHES = { stretchMicros: 100, kept: 2, weight: (part: number) => 1 + part, worth: (age: number) => 1 / (1 + Math.floor(age)) };

test('a reward falls into the stretch of its decision, with the weight of its place in it', () => {
  assert.deepEqual(addToStretch(rewarded('a', 0.5, { atMicros: 250 }), STRETCHES), [{ cell: 'a/t100/2/n', add: 1_572_864n }, { cell: 'a/t100/2/s', add: 786_432n }]);
});

test('what is read is what each stretch is worth now, from the kept ones and one ahead', () => {
  const cells = new Map([0, 1, 2, 3, 4, 5].flatMap((stretch) => [[`a/t100/${stretch}/n`, 6n << 20n] as const, [`a/t100/${stretch}/s`, 2n << 20n] as const]));
  // At 350 the stretches 1 to 4 count: ages 2.5, 1.5, 0.5 and -0.5.
  const { successes, failures } = readStretches(cells, 350, ['a'], { ...STRETCHES, worth: (age) => (age < 0 ? 1 : 1 / (1 + Math.floor(age))) });
  const worth = 1 / 3 + 1 / 2 + 1 + 1;
  assert.ok(Math.abs((successes[0] ?? 0) - 2 * worth) < 1e-9 && Math.abs((failures[0] ?? 0) - 4 * worth) < 1e-9);
});

test('names the cells of stretches that are over, and only those', () => {
  const cells = new Map(['a/t100/0/n', 'a/t100/1/s', 'b/t100/2/n', 'other', 'a/x/n', 'a/0/n', 'a/tea/0/n', 'a/t2/120/n'].map((cell) => [cell, 1n]));
  assert.deepEqual(expiredStretches(cells, 350, STRETCHES), ['a/t100/0/n']);
  assert.deepEqual(expiredStretches(cells, 400, STRETCHES), ['a/t100/0/n', 'a/t100/1/s', 'a/t2/120/n'], 'those of another length later, but they go');
});
