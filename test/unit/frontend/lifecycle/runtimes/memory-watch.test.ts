import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GLANCE_EVERY_MICROS, LOOK_EVERY_MICROS, MemoryWatch } from '../../../../../frontend/lifecycle/runtimes/memory-watch.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

function watch() {
  const clock = new VirtualClock();
  const bytes = new Map<number, number>();
  const gauges = new Map<number, number>();
  let looks = 0;
  const meter = { cell: (_: string, labels: object = {}) => Number(Object.values(labels)[0]), set: (cell: number, value: number) => void gauges.set(cell, value), add: () => {}, observe: () => {}, forget: () => {} };
  const memory = new MemoryWatch(clock, meter, (pid) => {
    looks++;
    return bytes.get(pid);
  });
  const over: string[] = [];
  const add = (pid: number, model: number, limitBytes?: number) => {
    const process = { pid, labels: { model: String(model) }, ...(limitBytes !== undefined && { limitBytes }), over: (had: number) => void over.push(`${pid}: ${had}`) };
    memory.add(process);
    return process;
  };
  return { clock, bytes, gauges, memory, over, add, looks: () => looks };
}

test('a process with a limit is looked at once a second, another every ten, and all are counted with their model', () => {
  const { clock, bytes, gauges, memory, add, looks } = watch();
  const processes = Array.from({ length: 25 }, (_, i) => {
    bytes.set(i + 1, 100);
    return add(i + 1, i < 20 ? 7 : 8, i < 20 ? 1000 : undefined);
  });
  clock.advance(2 * LOOK_EVERY_MICROS);
  assert.deepEqual([gauges.get(7), memory.bytesOf(processes[0] as (typeof processes)[0])], [2000, 100]);
  clock.advance(GLANCE_EVERY_MICROS - 2 * LOOK_EVERY_MICROS);
  assert.equal(gauges.get(8), 500);
  const before = looks();
  clock.advance(GLANCE_EVERY_MICROS);
  assert.equal(looks() - before, 20 * 10 + 5);
  for (const process of processes) memory.remove(process);
  assert.deepEqual([gauges.get(7), gauges.get(8), clock.pending], [0, 0, 0]);
});

test('one that comes is looked at within a second, also while others come', () => {
  const { clock, bytes, memory, add } = watch();
  bytes.set(1, 10);
  const first = add(1, 1);
  for (let pid = 2; pid < 30; pid++) {
    clock.advance(LOOK_EVERY_MICROS / 4);
    add(pid, 1);
  }
  assert.equal(memory.bytesOf(first), 10);
});

test('one that goes over its limit is told of once, until it has been under it again', () => {
  const { clock, bytes, over, memory, add } = watch();
  const process = add(5, 1, 1000);
  const at = (had: number): void => {
    bytes.set(5, had);
    clock.advance(LOOK_EVERY_MICROS);
  };
  for (const had of [1000, 1001, 2000, 500, 3000]) at(had);
  assert.deepEqual(over, ['5: 1001', '5: 3000']);
  memory.remove(process);
  memory.remove(process);
  assert.equal(memory.bytesOf(process), undefined);
});

test('a process that is gone has no memory; one without a limit is never over it', () => {
  const { clock, bytes, memory, over, add } = watch();
  const process = add(5, 1);
  bytes.set(5, 1e15);
  clock.advance(GLANCE_EVERY_MICROS);
  bytes.delete(5);
  clock.advance(GLANCE_EVERY_MICROS);
  assert.deepEqual([memory.bytesOf(process), over], [undefined, []]);
});
