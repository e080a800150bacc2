import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../../../bench/load/tally.ts';

const MODEL = '{"source":"model"}';

function answer(tally: Tally, latencyMicros: number, body = MODEL, status = 200): void {
  tally.answer(status, { sequence: 0, fromMicros: 0, leftMicros: 0, latencyMicros }, Buffer.from(body));
}

test('answers are counted by status, source and reason, and goodput is a model in time, lateness anybody out of it', () => {
  const tally = new Tally(1_000);
  answer(tally, 900);
  answer(tally, 1_100);
  answer(tally, 10, '{"source":"default","reason":"infeasible"}');
  answer(tally, 10, '{"error":{"code":"queue_full"}}', 503);
  const summary = tally.summary(2);
  assert.equal(summary.measured, 4);
  assert.deepEqual(summary.statuses, { 200: 3, 503: 1 });
  assert.deepEqual(summary.sources, { default: 1, model: 2, other: 1 });
  assert.deepEqual(summary.reasons, { infeasible: 1, queue_full: 1 });
  assert.equal(summary.goodputPerSecond, 0.5);
  assert.equal(summary.good, 1);
  assert.equal(summary.late, 1);
});

test('percentiles are right to three digits', () => {
  const tally = new Tally(Infinity);
  for (let micros = 1; micros <= 100_000; micros++) answer(tally, micros);
  const { latencyMicros } = tally.summary(1);
  for (const [name, wanted] of [['p50', 50_000], ['p90', 90_000], ['p99', 99_000], ['p999', 99_900], ['max', 100_000], ['mean', 50_000]] as const) {
    assert.ok(Math.abs(latencyMicros[name] - wanted) <= wanted * 0.001, `${name} ${latencyMicros[name]}`);
  }
});

test('nothing measured is all zeros', () => {
  const { latencyMicros, goodputPerSecond } = new Tally(1).summary(0);
  assert.deepEqual(latencyMicros, { p50: 0, p90: 0, p99: 0, p999: 0, max: 0, mean: 0 });
  assert.equal(goodputPerSecond, 0);
});

test('names and faults are bounded, their counts are not', () => {
  const tally = new Tally(1);
  for (let i = 0; i < 200; i++) {
    answer(tally, 1, `{"source":"default","reason":"r${i}"}`);
    tally.fault(i, 'broken');
  }
  const { reasons, faults, wrong } = tally.summary(1);
  assert.equal(Object.keys(reasons).length, 65);
  assert.equal(reasons['…'], 136);
  assert.equal(faults.length, 8);
  assert.equal(wrong, 200);
});
