import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WakeHeap } from '../../../../frontend/runtime/wake-heap.ts';

function drain(heap: WakeHeap, now = Number.POSITIVE_INFINITY): number[] {
  const times = [];
  for (let wake = heap.takeDue(now); wake !== undefined; wake = heap.takeDue(now)) times.push(wake.atMicros);
  return times;
}

const nothing = (): void => undefined;

test('gives out by time, and only what is due', () => {
  const heap = new WakeHeap();
  for (const at of [50, 10, 40, 30, 20]) heap.add(at, nothing);
  assert.equal(heap.next(), 10);
  assert.deepEqual(drain(heap, 30), [10, 20, 30]);
  assert.equal(heap.next(), 40);
  assert.equal(heap.size, 2);
});

test('equal times come in the order in which they were added', () => {
  const heap = new WakeHeap();
  const ran: number[] = [];
  for (let i = 0; i < 20; i++) heap.add(7, () => ran.push(i));
  for (let wake = heap.takeDue(7); wake !== undefined; wake = heap.takeDue(7)) wake.run();
  assert.deepEqual(ran, Array.from({ length: 20 }, (_, i) => i));
});

test('removing keeps the order of the rest; removing twice does nothing', () => {
  const heap = new WakeHeap();
  const wakes = Array.from({ length: 200 }, (_, i) => heap.add((i * 7919) % 211, nothing));
  const left = wakes.filter((_, i) => i % 3 !== 0);
  for (const [i, wake] of wakes.entries()) {
    if (i % 3 !== 0) continue;
    heap.remove(wake);
    heap.remove(wake);
  }
  assert.equal(heap.size, left.length);
  assert.deepEqual(drain(heap), left.map((wake) => wake.atMicros).toSorted((a, b) => a - b));
});

test('leaves what was added after the bound', () => {
  const heap = new WakeHeap();
  heap.add(5, nothing);
  const { added } = heap;
  heap.add(5, nothing);
  assert.notEqual(heap.takeDue(5, added), undefined);
  assert.equal(heap.takeDue(5, added), undefined);
  assert.equal(heap.size, 1);
});

test('is empty after clear, and knows that its wakes are out', () => {
  const heap = new WakeHeap();
  const wake = heap.add(5, nothing);
  heap.clear();
  heap.remove(wake);
  assert.equal(heap.size, 0);
  assert.equal(heap.next(), Number.POSITIVE_INFINITY);
});

test('refuses a time that is none', () => {
  assert.throws(() => new WakeHeap().add(Number.NaN, nothing), RangeError);
});
