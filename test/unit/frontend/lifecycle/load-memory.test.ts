import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadMemory, type ServingProcess } from '../../../../frontend/lifecycle/load-memory.ts';
import { makeModel } from '../../../support/specs.ts';

const MIB = 1024 * 1024;

test('what a model declares, else what was last seen of it, else of the version before it; of all replicas', () => {
  const processes: ServingProcess[] = [{ key: 'm@1', pid: 1 }, { key: 'm@3', pid: 3 }];
  const memory = new LoadMemory({ processes: () => processes, residentBytes: (pid) => (pid === 9 ? undefined : pid * MIB), freeBytes: () => 100, reserveBytes: 30 });
  assert.equal(memory.bytesOf(makeModel({ profile: { memoryMb: 5 }, replicas: 2 })), 10 * MIB);
  assert.equal(memory.bytesOf(makeModel()), undefined);
  memory.measure();
  assert.deepEqual([1, 2, 4].map((version) => memory.bytesOf(makeModel({ version }))), [1 * MIB, 1 * MIB, 3 * MIB]);
  assert.equal(memory.bytesOf(makeModel({ version: 3, replicas: 4 })), 12 * MIB);
  assert.equal(memory.bytesOf(makeModel({ name: 'other' })), undefined);
  assert.equal(memory.availableBytes(), 70);
});

test('a few processes at a time, all in turn; one that is gone leaves what was known', () => {
  const asked: number[] = [];
  const processes = Array.from({ length: 6 }, (_, i): ServingProcess => ({ key: `m@${i + 1}`, pid: i + 1 }));
  const memory = new LoadMemory({ processes: () => processes, residentBytes: (pid) => (asked.push(pid), undefined), freeBytes: () => undefined, reserveBytes: 0 });
  memory.measure();
  memory.measure();
  assert.deepEqual([asked, memory.availableBytes()], [[1, 2, 3, 4, 5, 6, 1, 2], undefined]);
});
