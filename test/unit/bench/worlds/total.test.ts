import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorldsTally } from '../../../../bench/worlds/play-range.ts';
import { faultyAgain, nothingFrom, WorldsTotal } from '../../../../bench/worlds/total.ts';

function range(from: number, to: number, ...faults: string[]): WorldsTally {
  return { from, to, worlds: to - from, answered: 10, byModel: 7, cancelled: 1, batches: 3, faults };
}

test('ranges count once all before them have ended, in whatever order they end', () => {
  const total = new WorldsTotal(nothingFrom(5));
  total.add(range(15, 25, 'late'));
  total.add(range(25, 30));
  assert.deepEqual(total.result, nothingFrom(5));
  total.add(range(5, 15, 'early'));
  assert.deepEqual(total.result, { from: 5, next: 30, worlds: 25, answered: 30, byModel: 21, cancelled: 3, batches: 9, faults: ['early', 'late'] });
});

test('it goes on with what was kept', () => {
  const first = new WorldsTotal(nothingFrom(1));
  first.add(range(1, 3, 'one'));
  const second = new WorldsTotal(first.result);
  second.add(range(3, 4));
  assert.deepEqual([second.result.next, second.result.worlds, second.result.answered, second.result.faults], [4, 3, 20, ['one']]);
});

test('worlds that had a fault are played again: counted once, with what became of them', () => {
  const total = new WorldsTotal(nothingFrom(1));
  total.add(range(1, 9, 'seed 4, at 17 µs: broken', 'seed 7: broken too'));
  const again = faultyAgain(total.result, ({ from, to }) => ({ ...range(from, to, ...(from === 7 ? ['seed 7: still broken'] : [])), answered: from }));
  assert.deepEqual(again, { from: 1, next: 9, worlds: 8, answered: 21, byModel: 21, cancelled: 3, batches: 9, faults: ['seed 7: still broken'], again: 2 });
});
