import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processCpuMicros, processTickMicros } from '../../../../bench/load/process-cpu.ts';

test('our own CPU time is what the process itself says, to within a few ticks', () => {
  const own = process.cpuUsage();
  const micros = own.user + own.system;
  for (const read of [processCpuMicros, processTickMicros]) {
    const difference = Math.abs(read(process.pid) - micros);
    assert.ok(difference < 0.2 * micros + 60_000, `${read.name}: ${difference} of ${micros}`);
  }
});

test('work is counted', () => {
  const before = processCpuMicros(process.pid);
  const from = process.cpuUsage();
  let sum = 0;
  while (process.cpuUsage(from).user < 60_000) sum += Math.sqrt(sum + 1);
  assert.ok(sum > 0);
  assert.ok(processCpuMicros(process.pid) - before >= 40_000);
});

test('a process that is gone is an error', () => {
  assert.throws(() => processCpuMicros(2 ** 30), /ENOENT/);
});
