import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Situation, WaitingRows } from '../../../../../frontend/batching/controller.ts';
import { Patience } from '../../../../../frontend/batching/controllers/patience.ts';
import { exactLaw } from '../../../../support/exact-law.ts';

/** 2 ms and 0.1 ms a row: with an SLO up to 4.2 ms, whoever comes as a batch leaves is too old when it ends. */
const LAW = exactLaw((rows) => 2_000 + 100 * rows);

/** Until when `rows` of those who wait are held back; four times capacity by an SLO of 2.52 ms unless said. */
function until(deadlines: readonly number[], rows = deadlines.length, more: Partial<Situation> & { mostRows?: number; allowed?: readonly number[] } = {}): number {
  const from = (at: number) => deadlines.filter((deadline) => deadline >= at);
  const waiting: WaitingRows = { rows: deadlines.length, headDeadlineAtMicros: deadlines[0] ?? Infinity, rowsFrom: (at) => from(at).length, firstFrom: (at) => from(at)[0] ?? Infinity };
  const { mostRows = 64, allowed = [], ...rest } = more;
  const situation: Situation = {
    now: 0, replica: { id: 'r', maxBatch: Infinity }, law: LAW, waiting, mostRows, arrivalRate: 4 / 2_100, goodRate: 0.00059,
    slos: { leastMicros: 2_520, mostMicros: 2_520 }, recent: { lastAtMicros: 0, fourthLastAtMicros: 0 }, replicas: 1, isShort: false, othersIdle: false, wakeLateMicros: 0, ...rest,
  };
  return new Patience(allowed).until({ rows, from: LAW.meanMicros(rows) }, situation, mostRows);
}

test('one row more is waited for while arrivals bring more than the time is worth, and all could still go together', () => {
  assert.equal(until([2_500]), 300);
  assert.equal(until([2_400, 2_500]), 100);
  assert.equal(until([2_500], 1, { wakeLateMicros: 150 }), 150);
});

test('at once where nobody further could go along, or others could take him', () => {
  for (const more of [{ goodRate: 0 }, { othersIdle: true }, { mostRows: 1 }]) assert.equal(until([2_500], 1, more), 0);
  for (const more of [{ goodRate: 0.0018, arrivalRate: 0.0018 }, { allowed: [1, 16] }, { recent: { lastAtMicros: -4_000, fourthLastAtMicros: -4_000 } }, { wakeLateMicros: 300 }]) {
    assert.ok(until([2_400, 2_500], 2, more) <= 0, JSON.stringify(more));
  }
});

test('where who comes now would be answered by the next batch, nobody waits', () => {
  assert.equal(until([2_500], 1, { slos: { leastMicros: 2_520, mostMicros: 8_401 } }), 0);
  assert.equal(until([2_400, 2_500], 1, { slos: { leastMicros: 2_520, mostMicros: 4_201 } }), 0, 'somebody stays behind for it');
});

test('no row is held for longer than a few usual gaps: callers may wait for us', () => {
  assert.equal(until([4_200], 1, { slos: { leastMicros: 4_200, mostMicros: 4_200 }, arrivalRate: 0.01, goodRate: 0.0004 }), 400);
});

test('the older of those who cannot all go are not what it waits for', () => {
  assert.equal(until([2_110, 2_500], 1), 300);
});

test('a lone row that takes more time than it is worth is left to be joined, and in the end to lapse', () => {
  assert.equal(until([2_180]), 80, 'no second row fits any more, but somebody younger may come');
  assert.equal(until([2_110]), Infinity);
  assert.equal(until([2_110], 1, { goodRate: 0.0004 }), 0, 'time is worth less');
  assert.equal(until([2_210, 2_210]), 0, 'two rows are worth it');
});

test('when arrivals seem to have stopped, who waits is sent: after four usual gaps, or where the last four took three times as long as usual', () => {
  const gap = 2_100 / 4;
  const stopped = (lastAtMicros: number, fourthLastAtMicros: number) => until([2_110], 1, { recent: { lastAtMicros, fourthLastAtMicros } });
  assert.equal(stopped(-4 * gap, -4 * gap), 0);
  assert.equal(stopped(0, -12 * gap), 0);
  assert.equal(stopped(-4 * gap + 1, -12 * gap + 1), Infinity, 'not yet');
  assert.equal(until([2_180], 1, { recent: { lastAtMicros: -4 * gap + 40, fourthLastAtMicros: -5 * gap } }), 41, 'it is held back only until then');
});

test('where several replicas have too little time, whoever comes is theirs who waits for it, be others idle or not', () => {
  const one = { arrivalRate: 0.002, goodRate: 0.0018, slos: { leastMicros: 5_000, mostMicros: 5_000 } };
  assert.equal(until([2_500], 1, one), 0, 'its part of what arrives is not worth it');
  assert.equal(until([2_500], 1, { ...one, replicas: 4, othersIdle: true }), 0);
  assert.equal(until([2_500], 1, { ...one, replicas: 4, othersIdle: true, isShort: true }), 300);
  assert.equal(until([2_500], 1, { ...one, replicas: 1, isShort: true }), 0, 'one alone has no more than its own');
});

test('where several replicas have too little time, a batch that takes all is held for a headway', () => {
  const many = { slos: { leastMicros: 20_000, mostMicros: 20_000 }, arrivalRate: 0.008, goodRate: 0.007 };
  const short = { ...many, replicas: 4, isShort: true };
  assert.equal(until([2_500, 2_500], 2, many), 0);
  assert.equal(until([2_500, 2_500], 2, short), 200);
  assert.equal(until([2_500, 2_500], 2, { ...short, isShort: false }), 0);
  assert.equal(until([2_500, 2_500], 1, short), 0, 'somebody stays behind for it');
  assert.equal(until([2_500, 2_500], 2, { ...short, allowed: [1, 2, 16] }), 0, 'no further one may go along');
  assert.equal(until([2_500, 2_500], 2, { ...short, mostRows: 2 }), 0);
});
