import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Situation, WaitingRows } from '../../../../../frontend/batching/controller.ts';
import { PlannerController } from '../../../../../frontend/batching/controllers/planner.ts';
import { exactLaw } from '../../../../support/exact-law.ts';

const MS = 1000;
/** 2 ms and 0.1 ms a row. */
const LAW = exactLaw((rows) => 2 * MS + 100 * rows);

function waitingAt(...deadlines: number[]): WaitingRows {
  const rising = deadlines.toSorted((a, b) => a - b);
  const from = (at: number) => rising.filter((deadline) => deadline >= at);
  return { rows: rising.length, headDeadlineAtMicros: rising[0] ?? Infinity, rowsFrom: (at) => from(at).length, firstFrom: (at) => from(at)[0] ?? Infinity };
}
function situation(waiting: WaitingRows, more: Partial<Situation> = {}): Situation {
  return {
    now: 0, replica: { id: 'r', maxBatch: Infinity }, law: LAW, waiting, mostRows: Infinity, arrivalRate: 0.001, goodRate: 0.001,
    recent: { lastAtMicros: 0, fourthLastAtMicros: 0 }, slos: { leastMicros: 20_000, mostMicros: 20_000 }, replicas: 1, isShort: false, othersIdle: false, wakeLateMicros: 0, ...more,
  };
}
const planner = () => new PlannerController({ maxBatch: 64 });
const spread = (count: number, first: number, gap: number) => Array.from({ length: count }, (_, i) => first + i * gap);

test('everything goes where everything can make it', () => {
  assert.deepEqual(planner().decide(situation(waitingAt(2_500, 9_000, 2_400))), { rows: 3, from: 2_300 });
});

test('the largest batch that can be on time, without those that are too old for it: not one by the head’s budget', () => {
  // The head could go alone; ten others can go together in 3 ms.
  const plan = planner().decide(situation(waitingAt(2_100, ...spread(10, 3_000, 10))));
  assert.deepEqual(plan, { rows: 10, from: 3_000 });
});

test('never more rows than may go, by the controller, the replica or what has been tried', () => {
  const many = waitingAt(...spread(200, 1e6, 1));
  assert.equal(planner().decide(situation(many)).rows, 64);
  assert.equal(planner().decide(situation(many, { mostRows: 20 })).rows, 20);
  assert.equal(planner().decide(situation(many, { law: exactLaw((rows) => 100 * rows + 2_000, { reachRows: 7 }) })).rows, 7);
  assert.equal(new PlannerController({ maxBatch: 64, allowedRows: [8, 24] }).decide(situation(many, { mostRows: 60 })).rows, 24);
});

test('nobody can make it: no batch', () => {
  assert.deepEqual(planner().decide(situation(waitingAt(2_000, 2_099))), { rows: 0, from: Infinity });
});

test('while nothing is known, what there is goes, as far as it may be tried', () => {
  assert.deepEqual(planner().decide(situation(waitingAt(5, 6, 7), { law: exactLaw(() => 0, { reachRows: 2 }) })), { rows: 2, from: 0 });
});

test('a batch ends with a step of the law where going on to the next one does not pay', () => {
  const padded = exactLaw((rows) => 4_000 + 2_000 * 2 ** Math.ceil(Math.log2(rows)));
  assert.equal(planner().decide(situation(waitingAt(...spread(5, 1e6, 1)), { law: padded })).rows, 4);
  assert.equal(planner().decide(situation(waitingAt(...spread(7, 1e6, 1)), { law: padded })).rows, 7);
});

test('a plan says until when it is better to wait, and none where nothing is worth the time', () => {
  const tight = { slos: { leastMicros: 2_520, mostMicros: 2_520 } };
  assert.deepEqual(planner().decide(situation(waitingAt(2_500), { ...tight, arrivalRate: 0.0019, goodRate: 0.0006 })), { rows: 1, from: 2_100, until: 300 });
  assert.deepEqual(planner().decide(situation(waitingAt(2_110), { ...tight, arrivalRate: 0.0019, goodRate: 0.00059 })), { rows: 0, from: Infinity });
});

test('how much room is left between mean and tail comes from how batches turned out', () => {
  // 40 rows whose deadlines are spread about the mean of a batch of all of them, 6 ms.
  const law = exactLaw((rows) => 2_000 + 100 * rows, { tail: 1.3 });
  const steady = planner(), wild = planner();
  for (let i = 0; i < 64; i++) {
    for (const [controller, share] of [[steady, 1], [wild, 0.7 + (0.6 * (i % 16)) / 15]] as const) {
      controller.observe({ verdict: 'success', rows: 10, latencyMicros: 3_000 * share, foretoldMicros: 3_000, sloMicros: 1e4, full: false });
      controller.observe({ verdict: 'dropped', rows: 10, latencyMicros: 1e9, foretoldMicros: 3_000, sloMicros: 1e4, full: false });
    }
  }
  const rows = waitingAt(...spread(40, 4_500, 100));
  assert.ok(wild.decide(situation(rows, { law })).rows < steady.decide(situation(rows, { law })).rows);
});

test('a bound below one is refused', () => {
  assert.throws(() => new PlannerController({ maxBatch: 0 }), RangeError);
});
