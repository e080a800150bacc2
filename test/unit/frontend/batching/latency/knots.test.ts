import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Knots, makeMonotone } from '../../../../../frontend/batching/latency/knots.ts';

function monotone(values: readonly number[], weights = values.map(() => 1)): number[] {
  const made = Float64Array.from(values);
  makeMonotone(made, Float64Array.from(weights), values.length);
  return [...made];
}

test('what rises is left alone', () => {
  assert.deepEqual(monotone([1, 2, 2, 5]), [1, 2, 2, 5]);
  assert.deepEqual(monotone([]), []);
});

test('neighbours in the wrong order meet at their weighted mean', () => {
  assert.deepEqual(monotone([4, 2]), [3, 3]);
  assert.deepEqual(monotone([4, 2], [3, 1]), [3.5, 3.5]);
});

test('a pool takes in all that is above its mean', () => {
  assert.deepEqual(monotone([1, 6, 5, 1, 9]), [1, 4, 4, 4, 9]);
  assert.deepEqual(monotone([5, 6, 1]), [4, 4, 4]);
});

test('values past the count are not touched', () => {
  const values = Float64Array.from([3, 2, 1]);
  makeMonotone(values, Float64Array.from([1, 1, 1]), 2);
  assert.deepEqual([...values], [2.5, 2.5, 1]);
});

test('knots hold what was added, in that order', () => {
  const knots = new Knots();
  knots.add(3, 4, 70, 2);
  knots.add(7, 8, 90, 5);
  assert.equal(knots.count, 2);
  assert.deepEqual([knots.classes[1], knots.rows[1], knots.micros[1], knots.batches[1]], [7, 8, 90, 5]);
});
