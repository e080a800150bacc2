import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, mark } from '../../../../bench/load/window.ts';

test('a window is the difference of two marks, a second and an answer', () => {
  const from = { atMicros: 1e6, answered: 100, generatorMicros: 50, watchedMicros: [1_000] };
  const to = { atMicros: 3e6, answered: 300, generatorMicros: 450, watchedMicros: [5_000] };
  assert.deepEqual(between(from, to, [7]), {
    seconds: 2,
    answersPerSecond: 100,
    generatorCpu: { micros: 400, microsPerAnswer: 2 },
    watchedCpu: [{ pid: 7, micros: 4_000, microsPerAnswer: 20 }],
  });
});

test('a window without answers divides by nothing', () => {
  const one = mark(5, 0, [process.pid]);
  const { answersPerSecond, generatorCpu } = between(one, one, [process.pid]);
  assert.deepEqual([answersPerSecond, generatorCpu.microsPerAnswer], [0, 0]);
});

test('a mark of a process that is gone is an error', () => {
  assert.throws(() => mark(0, 0, [2 ** 30]), /ENOENT/);
});
