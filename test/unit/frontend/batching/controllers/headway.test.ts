import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headwayUntil } from '../../../../../frontend/batching/controllers/headway.ts';
import { endlessQueue } from '../../../../../frontend/batching/endless-queue.ts';
import type { Situation } from '../../../../../frontend/batching/controller.ts';
import { exactLaw } from '../../../../support/exact-law.ts';

/** 0.1 ms a row and 2 ms: with 32 rows a millisecond, an SLO of 20 ms allows 137 rows, of whose 15.7 ms 13 % are the batch's own. */
const LAW = exactLaw((rows) => 2_000 + 100 * rows);

/** Four replicas, eight rows a millisecond each; ten rows wait that must leave within `latest`. */
function until(latest: number, more: Partial<Situation> = {}, rows = 10, mostRows = 1_000): number {
  const situation = endlessQueue(LAW, { now: 0, sloMicros: 20_000, replica: { id: 'r', maxBatch: mostRows }, mostRows });
  return headwayUntil(rows, latest, mostRows, { ...situation, arrivalRate: 0.008, replicas: 4, isShort: true, ...more });
}
const recent = (lastAtMicros: number) => ({ lastAtMicros, fourthLastAtMicros: lastAtMicros });

test('a batch is held as long as one more row may still go along', () => {
  assert.equal(until(450), 350);
  assert.equal(until(450, { wakeLateMicros: 200 }), 150);
  assert.equal(until(110), 0, 'no longer');
});

test('no longer than arrivals go on: four usual gaps of a replica after the last', () => {
  assert.equal(until(15_000), 500);
  assert.equal(until(15_000, { recent: recent(-400) }), 100);
  assert.equal(until(15_000, { recent: recent(-500) }), 0);
});

test('not where a full batch has little overhead: what it costs to wait is more', () => {
  assert.equal(until(450, { law: exactLaw((rows) => 500 + 100 * rows) }), 0);
  assert.equal(until(450, { slos: { leastMicros: 60_000, mostMicros: 60_000 } }), 0, 'the more rows, the less of it');
  assert.equal(until(450, { slos: { leastMicros: 10_000, mostMicros: 60_000 } }), 350, 'the shortest SLO says how many rows there may be');
});

test('not where a full batch has few rows: a wait costs one gap, and that is much of it', () => {
  const law = exactLaw((rows) => 3_000 + 4_000 * rows);
  const slow = { law, arrivalRate: 0.0003, slos: { leastMicros: 30_000, mostMicros: 30_000 } };
  assert.equal(until(9_000, slow, 2), 0, 'five rows, 13 % of overhead');
  assert.equal(until(22_000, { ...slow, law: exactLaw((rows) => 20_000 + 1_000 * rows) }, 1), 13_333, 'five rows, and nearly all is overhead');
});

test('a law in steps: by the steps of a full batch and of half of it', () => {
  const padded = exactLaw((rows) => 2_000 + 100 * 2 ** Math.ceil(Math.log2(rows)));
  assert.equal(until(450, { law: padded }), 450);
  assert.equal(until(450, { law: exactLaw((rows) => 100 * 2 ** Math.ceil(Math.log2(rows))) }), 0);
});

test('a single row is all that there may be: nothing is waited for', () => {
  assert.equal(until(450, { slos: { leastMicros: 2_110, mostMicros: 2_110 } }), 0);
  assert.equal(until(450, {}, 1, 2), 350, 'but two may be');
});
