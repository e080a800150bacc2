import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dearest } from '../../../../../bench/simulator/oracle/dearest.ts';

const held = (dearest: Dearest): number[] => {
  const worths: number[] = [];
  for (let worth = 9; worth > 0; worth--) while (dearest.take(worth)) worths.push(worth);
  return worths;
};

test('the dearest are held, as many as there is room for', () => {
  const dearest = new Dearest(9);
  for (const worth of [3, 1, 4, 1, 5, 9, 2, 6]) dearest.offer(worth, 4);
  assert.equal(dearest.worth, 24);
  assert.deepEqual(held(dearest), [9, 6, 5, 4]);
  assert.equal(dearest.worth, 0);
});

test('where the room shrinks the cheapest go, and what comes after has the room that is left', () => {
  const dearest = new Dearest(9);
  for (const worth of [5, 5, 3]) dearest.offer(worth, 3);
  dearest.shrink(2);
  dearest.offer(1, 2);
  dearest.offer(7, 2);
  assert.deepEqual(held(dearest), [7, 5]);
});

test('what is worth nothing is not held, and nothing is after it was cleared', () => {
  const dearest = new Dearest(9);
  dearest.offer(0, 5);
  assert.equal(dearest.take(0), false);
  dearest.offer(2, 5);
  dearest.clear();
  assert.equal(dearest.worth, 0);
  assert.deepEqual(held(dearest), []);
  dearest.offer(1, 5);
  assert.deepEqual(held(dearest), [1]);
});
