import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineHeap, isBefore } from '../../../../frontend/batching/deadline-heap.ts';
import type { HeapItem } from '../../../../frontend/batching/deadline-heap.ts';

function item(deadlineAtMicros: number, order = 0): HeapItem {
  return { deadlineAtMicros, order, heapIndex: -1 };
}

function drain(heap: DeadlineHeap<HeapItem>): number[] {
  const out: number[] = [];
  for (let first = heap.pop(); first !== undefined; first = heap.pop()) out.push(first.deadlineAtMicros);
  return out;
}

test('items come out by deadline, then by order', () => {
  const heap = new DeadlineHeap<HeapItem>();
  for (const deadline of [5, 1, 4, 2, 3, 9, 0]) heap.push(item(deadline));
  assert.deepEqual(drain(heap), [0, 1, 2, 3, 4, 5, 9]);
  assert.ok(isBefore(item(1, 9), item(2, 0)));
  assert.ok(isBefore(item(1, 0), item(1, 1)));
  assert.ok(!isBefore(item(1, 1), item(1, 1)));
});

test('an item can be removed from anywhere, and moved', () => {
  const heap = new DeadlineHeap<HeapItem>();
  const items = [7, 3, 8, 1, 9, 2, 6].map((deadline) => item(deadline));
  for (const one of items) heap.push(one);
  const [seven, , eight, one] = items;
  assert.ok(seven && eight && one);
  heap.remove(seven);
  assert.equal(seven.heapIndex, -1);
  eight.deadlineAtMicros = 0;
  heap.update(eight);
  assert.equal(heap.peek(), eight);
  one.deadlineAtMicros = 10;
  heap.update(one);
  assert.deepEqual(drain(heap), [0, 2, 3, 6, 9, 10]);
  assert.equal(heap.size, 0);
});

test('an item in a heap is not taken twice, and one outside is not removed', () => {
  const heap = new DeadlineHeap<HeapItem>();
  const one = item(1);
  heap.push(one);
  assert.throws(() => heap.push(one), RangeError);
  assert.throws(() => heap.remove(item(1)), RangeError);
  heap.remove(one);
  assert.throws(() => heap.remove(one), RangeError);
});
