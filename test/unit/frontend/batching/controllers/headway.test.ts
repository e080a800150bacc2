import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRowsWhereShort, headwayUntil } from '../../../../../frontend/batching/controllers/headway.ts';
import { endlessQueue } from '../../../../../frontend/batching/endless-queue.ts';
import type { Situation } from '../../../../../frontend/batching/controller.ts';
import { exactLaw } from '../../../../support/exact-law.ts';

/** 0.1 ms a row and 2 ms: with 32 rows a millisecond, an SLO of 20 ms allows 137 rows, of whose 15.7 ms 13 % are the batch's own. */
const LAW = exactLaw((rows) => 2_000 + 100 * rows);

/** Four replicas, eight rows a millisecond each. */
function until(latest: number, more: Partial<Situation> = {}, mostRows = 1_000): number {
  const situation = endlessQueue(LAW, { now: 0, sloMicros: 20_000, replica: { id: 'r', maxBatch: mostRows }, mostRows });
  const whole = { ...situation, arrivalRate: 0.008, replicas: 4, isShort: true, ...more };
  const full = fullRowsWhereShort(mostRows, whole);
  return full === 0 ? 0 : headwayUntil(full, latest, whole);
}
const recent = (lastAtMicros: number) => ({ lastAtMicros, fourthLastAtMicros: lastAtMicros });

test('a batch is held as long as one more row may still go along', () => {
  assert.equal(until(350), 350);
  assert.equal(until(20), 0, 'too short to be a wait');
});

test('no longer than arrivals go on: four usual gaps of a replica after the last', () => {
  assert.equal(until(15_000), 500);
  assert.equal(until(15_000, { recent: recent(-400) }), 100);
  assert.equal(until(15_000, { recent: recent(-500) }), 0);
});

test('not where a full batch has little overhead: what it costs to wait is more', () => {
  assert.equal(until(350, { law: exactLaw((rows) => 500 + 100 * rows) }), 0);
  assert.equal(until(350, { slos: { leastMicros: 60_000, mostMicros: 60_000 } }), 0, 'the more rows, the less of it');
  assert.equal(until(350, { slos: { leastMicros: 10_000, mostMicros: 60_000 } }), 350, 'the shortest SLO says how many rows there may be');
});

test('not where a full batch has few rows: a wait costs one gap, and that is much of it', () => {
  const slow = { law: exactLaw((rows) => 3_000 + 4_000 * rows), arrivalRate: 0.0003, slos: { leastMicros: 30_000, mostMicros: 30_000 } };
  assert.equal(until(2_000, slow), 0, 'six rows, 11 % of overhead');
  assert.equal(until(2_000, { ...slow, law: exactLaw((rows) => 20_000 + 1_000 * rows) }), 2_000, 'five rows, and nearly all is overhead');
});

test('full is what can wait for its last row: 137 of 32 a millisecond, and what a batch may have at most', () => {
  const situation = { ...endlessQueue(LAW, { now: 0, sloMicros: 20_000, replica: { id: 'r', maxBatch: 1 }, mostRows: 1 }), arrivalRate: 0.008, replicas: 4, isShort: true };
  assert.equal(fullRowsWhereShort(1_000, situation), 137);
  assert.equal(fullRowsWhereShort(100, situation), 100);
  assert.equal(fullRowsWhereShort(1_000, { ...situation, slos: { leastMicros: 1_000, mostMicros: 20_000 } }), 1, 'not even one');
});

test('not where full batches would leave the replicas idle half of the time: whatever was let go, time is not short', () => {
  assert.equal(until(350, { arrivalRate: 0.005 }), 350);
  assert.equal(until(350, { arrivalRate: 0.004 }), 0);
  assert.equal(until(350, { isShort: false }), 0);
  assert.equal(until(350, { replicas: 1 }), 0);
});

test('a law in steps: by the steps of a full batch and of half of it', () => {
  const padded = exactLaw((rows) => 2_000 + 100 * 2 ** Math.ceil(Math.log2(rows)));
  assert.equal(until(350, { law: padded }), 350);
  assert.equal(until(350, { law: exactLaw((rows) => 100 * 2 ** Math.ceil(Math.log2(rows))) }), 0);
});

test('where a single row is all that there may be, nothing is waited for', () => {
  assert.equal(until(350, { slos: { leastMicros: 2_110, mostMicros: 2_110 } }), 0);
  assert.equal(until(350, {}, 2), 350, 'but two may be');
});
