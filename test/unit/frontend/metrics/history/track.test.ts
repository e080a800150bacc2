import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading } from '../../../../../frontend/metrics/history/reading.ts';
import { Track } from '../../../../../frontend/metrics/history/track.ts';

/** 7 answers a second, a queue that is long once a minute. */
function reading(second: number): Reading {
  const counts = [7 * second, 0, second >= 30 ? 7 : 0];
  return { counters: new Map([['answers', 7 * second]]), gauges: new Map([['queue', second % 60 === 30 ? 50 : 0]]), histograms: new Map([['answer', { boundsMicros: [1_000, 100_000], counts }]]) };
}

function played(seconds: number): Track {
  const track = new Track();
  for (let second = 0; second <= seconds; second++) track.record(reading(second), second * 1_000 + 5);
  return track;
}

test('every span tells the same rate, each in its own steps', () => {
  const track = played(600);
  for (const [span, steps] of [['5m', 300], ['1h', 60], ['1d', 10]] as const) {
    const answers = [...(track.ring(span).read().columns.get('answers') ?? [])];
    assert.equal(answers.length, steps, span);
    for (const rate of answers) assert.ok(Math.abs(rate - 7) < 1e-3, `${span}: ${rate}`);
  }
});

test('a gauge is told by its highest value of a step', () => {
  const queue = [...(played(300).ring('1d').read().columns.get('queue') ?? [])];
  assert.deepEqual(queue, [50, 50, 50, 50, 50]);
});

test('a quantile of a minute is that of the minute, not of its seconds', () => {
  const track = played(60);
  const [p99] = track.ring('1d').read().columns.get('answer.p99') ?? [];
  // 7 of 427 answers were slow: more than 1 %.
  assert.ok((p99 ?? 0) > 1, String(p99));
  assert.ok((track.ring('1d').read().columns.get('answer.p50')?.[0] ?? 9) < 1);
});

test('now is the last ten seconds', () => {
  const track = new Track();
  for (let second = 0; second <= 60; second++) track.record({ counters: new Map([['answers', second < 50 ? 0 : (second - 50) * 4]]), gauges: new Map(), histograms: new Map() }, second * 1_000);
  assert.equal(track.now().rates.get('answers'), 4);
  assert.equal(new Track().now().rates.size, 0);
});

test('a second that a busy machine let pass has the rate of both; after a long silence nothing is known', () => {
  const track = new Track();
  const record = (second: number, answers: number): void => track.record({ counters: new Map([['answers', answers]]), gauges: new Map(), histograms: new Map() }, second * 1_000 + 5);
  record(0, 0);
  record(1, 10);
  record(3, 30);
  assert.deepEqual([...(track.ring('5m').read().columns.get('answers') ?? [])], [10, 10, 10]);
  record(103, 1_030);
  const later = [...(track.ring('5m').read().columns.get('answers') ?? [])];
  assert.equal(later.filter(Number.isNaN).length, 95);
  assert.equal(later.at(-1), 10);
});

test('a clock that was set back is waited for', () => {
  const track = played(10);
  track.record(reading(11), 3_000);
  assert.equal(track.ring('5m').read().columns.get('answers')?.length, 10);
});

test('a reading that stays the same object tells the same as equal ones do', () => {
  const at = (queue: number, answers: number): Reading => ({ counters: new Map([['answers', answers]]), gauges: new Map([['queue', queue]]), histograms: new Map([['answer', { boundsMicros: [1_000], counts: [answers, 0] }]]) });
  const [low, high] = [at(2, 10), at(9, 20)];
  // In the second minute it falls from high to low at once: both belong to it.
  const plan = Array.from({ length: 240 }, (_, second) => (second >= 60 && second < 65 ? high : low));
  const same = new Track();
  const equal = new Track();
  for (const [second, one] of plan.entries()) {
    same.record(one, second * 1_000);
    equal.record({ ...one }, second * 1_000);
  }
  for (const span of ['5m', '1h', '1d'] as const) assert.deepEqual(same.ring(span).read(), equal.ring(span).read(), span);
  assert.deepEqual(same.now(), equal.now());
});
