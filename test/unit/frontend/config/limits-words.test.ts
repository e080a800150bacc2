import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLimits, writeLimits } from '../../../../frontend/config/limits-words.ts';
import type { ContainerSpec } from '../../../../frontend/domain/model.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

const started: ContainerSpec = { kind: 'builtin', name: 'onnx' };

test('what is said is read, and written as it was', () => {
  const raw = { memory_mb: 512, cpu_share: 0.5, threads: 2, nice: 5 };
  const faults: Fault[] = [];
  const { limits } = readLimits(raw, started, { at: [], faults });
  assert.deepEqual(limits, { memoryMb: 512, cpuShare: 0.5, threads: 2, nice: 5 });
  assert.deepEqual(writeLimits(limits), raw);
  assert.deepEqual([readLimits(undefined, started, { at: [], faults }), readLimits({}, started, { at: [], faults }), faults], [{}, {}, []]);
});

test('what somebody else starts is not held to limits', () => {
  const faults: Fault[] = [];
  readLimits({ nice: 1 }, { kind: 'dial', addresses: ['unix:/a'] }, { at: ['models', 0], faults });
  assert.deepEqual(faults.map(({ path }) => path), [['models', 0, 'limits']]);
});
