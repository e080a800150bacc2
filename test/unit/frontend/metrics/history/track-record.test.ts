import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading } from '../../../../../frontend/metrics/history/reading.ts';
import { SPANS, Track, type Span } from '../../../../../frontend/metrics/history/track.ts';
import { MOST_RECORD_BYTES, readTrack, writeTrack } from '../../../../../frontend/metrics/history/track-record.ts';

const SECONDS = 400;
const NOW_MS = SECONDS * 1_000 + 500;

function reading(second: number): Reading {
  return {
    counters: new Map([['answers', 5 * second]]), gauges: new Map([['queue', second % 7]]),
    histograms: new Map([['answer', { boundsMicros: [1_000, 100_000], counts: [5 * second, 0, 0] }]]),
  };
}

function played(): Track {
  const track = new Track();
  for (let second = 0; second <= SECONDS; second++) if (second < 200 || second > 210) track.record(reading(second), second * 1_000);
  return track;
}

function told(track: Track | undefined): unknown {
  return (Object.keys(SPANS) as Span[]).map((span) => track?.ring(span).read());
}

test('a track read again tells what it told, and goes on', () => {
  const track = played();
  const again = readTrack(writeTrack(track), NOW_MS);
  assert.deepEqual(told(again), told(track));
  for (const one of [track, again]) for (let second = SECONDS + 1; second <= SECONDS + 200; second++) one?.record(reading(second), second * 1_000);
  const [before, after] = [track, again].map((one) => one?.ring('5m').read());
  assert.deepEqual([...(after?.columns.get('answers') ?? [])].slice(-190), [...(before?.columns.get('answers') ?? [])].slice(-190));
});

test('between the restart and what was before it nothing is known', () => {
  const again = readTrack(writeTrack(played()), NOW_MS + 60_000);
  for (let second = SECONDS + 60; second <= SECONDS + 64; second++) again?.record(reading(second), second * 1_000);
  const answers = [...(again?.ring('5m').read().columns.get('answers') ?? [])];
  assert.deepEqual(answers.slice(-6), [Number.NaN, Number.NaN, 5, 5, 5, 5]);
  assert.equal(answers.filter(Number.isNaN).length, 60 + MISSED);
});
/** Seconds of those played that nobody read, of which a few are told together with the next. */
const MISSED = 7;

test('what is too old is left out, span by span, and then the whole', () => {
  const record = writeTrack(played());
  const hour = readTrack(record, NOW_MS + 3_000_000);
  assert.equal(hour?.ring('5m').read().columns.size, 0);
  assert.ok((hour.ring('1h').read().columns.get('answers')?.length ?? 0) > 0);
  assert.equal(readTrack(record, NOW_MS + 2 * 86_400_000), undefined);
});

test('what lies in a time to come, because the clock was set back, is left out', () => {
  const again = readTrack(writeTrack(played()), 100_000);
  assert.equal(again, undefined);
});

test('a clock that is set back between the start and the first reading harms nothing', () => {
  const again = readTrack(writeTrack(played()), NOW_MS);
  for (let second = SECONDS - 30; second <= SECONDS + 3; second++) again?.record(reading(second), second * 1_000);
  const answers = again?.ring('5m').read().columns.get('answers');
  assert.equal(answers?.at(-1), 5);
});

test('a record that is damaged anywhere is none', () => {
  const record = writeTrack(played());
  assert.ok(record.length < MOST_RECORD_BYTES);
  for (let at = 0; at < record.length; at += 97) {
    const damaged = Uint8Array.from(record);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    assert.equal(readTrack(damaged, NOW_MS), undefined, `byte ${at}`);
  }
  for (const length of [0, 3, 8, 100, record.length - 1]) assert.equal(readTrack(record.subarray(0, length), NOW_MS), undefined, `${length} bytes`);
});
