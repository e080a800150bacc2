import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { capacityPerSecond, drawMicros, lawName, meanMicros, steadyRows, type Law } from '../../../../bench/simulator/law.ts';

const LINE: Law = { alphaMs: 0.1, betaMs: 2 };
const BEFORE = { draw: random(1), sinceMicros: 0, speed: 1 };

test('a line, in whole microseconds', () => {
  assert.equal(meanMicros(LINE, 1), 2100);
  assert.equal(meanMicros(LINE, 80), 10_000);
  assert.equal(drawMicros(LINE, 80, BEFORE), 10_000);
  assert.equal(drawMicros(LINE, 80, { ...BEFORE, speed: 1 / 3 }), 30_000);
});

test('steps pad to the next power of two', () => {
  const steps: Law = { ...LINE, steps: true };
  assert.deepEqual([1, 2, 3, 5, 8, 9].map((rows) => meanMicros(steps, rows)), [2100, 2200, 2400, 2800, 2800, 3600]);
});

test('noise stays within its share and about the mean', () => {
  const noisy: Law = { ...LINE, noise: 0.3 };
  const draw = random(2);
  const samples = Array.from({ length: 4000 }, () => drawMicros(noisy, 80, { ...BEFORE, draw }));
  assert.ok(Math.min(...samples) >= 7000 && Math.max(...samples) <= 13_000);
  assert.ok(Math.max(...samples) - Math.min(...samples) > 5500);
  const mean = samples.reduce((a, b) => a + b) / samples.length;
  assert.ok(Math.abs(mean - 10_000) < 150, `the mean is ${mean}`);
});

test('a slow-down begins at its time', () => {
  const slowing: Law = { ...LINE, slowDown: { atMs: 100, factor: 2 } };
  assert.equal(drawMicros(slowing, 80, { ...BEFORE, sinceMicros: 99_999 }), 10_000);
  assert.equal(drawMicros(slowing, 80, { ...BEFORE, sinceMicros: 100_000 }), 20_000);
  assert.equal(meanMicros(slowing, 80), 10_000);
});

test('a recorded law is the mean of its batches, and draws from them', () => {
  const recorded = [{ rows: 1, micros: 900 }, { rows: 1, micros: 1300 }, { rows: 11, micros: 2100 }];
  const law: Law = { alphaMs: 0, betaMs: 0, recorded };
  assert.equal(meanMicros(law, 1), 1100);
  assert.equal(meanMicros(law, 11), 2100);
  assert.equal(meanMicros(law, 6), 1600);
  const draw = random(3);
  const drawn = new Set(Array.from({ length: 100 }, () => drawMicros(law, 1, { ...BEFORE, draw })));
  assert.deepEqual([...drawn].sort((a, b) => a - b), [900, 1300]);
  assert.throws(() => meanMicros({ ...law, recorded: [] }, 1), /needs batches/);
});

test('capacity is at the largest size with two batches in the SLO; at one row where there is none', () => {
  const latency = (rows: number): number => meanMicros(LINE, rows);
  assert.equal(steadyRows(latency, 20_000, 1024), 80);
  assert.equal(steadyRows(latency, 20_000, 50), 50);
  assert.equal(steadyRows(latency, 2520, 1024), 1);
  assert.equal(capacityPerSecond(latency, 20_000, 1024), 8000);
});

test('its name says what disturbs it', () => {
  assert.equal(lawName(LINE), '0.1·b + 2');
  assert.equal(lawName({ ...LINE, noise: 0.3, steps: true }), '0.1·b + 2 ± 30 % in steps');
});
