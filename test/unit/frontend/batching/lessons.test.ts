import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission } from '../../../../frontend/batching/admission.ts';
import { Attempt } from '../../../../frontend/batching/attempt.ts';
import type { BatchSample } from '../../../../frontend/batching/controller.ts';
import { FairShares } from '../../../../frontend/batching/fair-shares.ts';
import { HangPatience } from '../../../../frontend/batching/hang-patience.ts';
import { Lessons } from '../../../../frontend/batching/lessons.ts';
import { ReplicaPace } from '../../../../frontend/batching/replica-pace.ts';
import { ReplicaProbes } from '../../../../frontend/batching/replica-probes.ts';
import type { Batch, BatchReport } from '../../../../frontend/batching/task.ts';
import { makeTask, type TestTask } from '../../../support/batch-tasks.ts';
import { exactLatency, exactLaw } from '../../../support/exact-law.ts';

/** Two rows that are due at 10 ms, sent at 1 ms to a replica that is said to need 3 ms for them. */
function world() {
  const told: { samples: BatchSample[]; latencies: number[]; doubted: number[] } = { samples: [], latencies: [], doubted: [] };
  const latency = {
    ...exactLatency(exactLaw((rows) => 1_000 + 1_000 * rows)),
    observe: ({ micros }: { micros: number }) => void told.latencies.push(micros),
    doubt: (rows: number) => void told.doubted.push(rows),
  };
  const pace = new ReplicaPace();
  const patience = new HangPatience({ factor: 1, floorMicros: 1, unknownMicros: 1 });
  const controller = { decide: () => 1, observe: (sample: BatchSample) => void told.samples.push(sample) };
  const probes = new ReplicaProbes();
  const lessons = new Lessons({ latency, controller, shares: new FairShares(), pace, admission: new Admission({ latency, maxQueueRows: 10 }), patience, probes });
  const slices = [{ task: makeTask({ count: 2, sloMicros: 10_000 }), first: 0, count: 2 }];
  const batch: Batch<TestTask> = { id: 1, replica: 'r', slices, rows: 2, sentAtMicros: 1_000, deadlineAtMicros: 10_000, sloMicros: 10_000, hungAtMicros: 1e9, full: true, exploring: false };
  const report = (outcome: BatchReport<TestTask>['outcome'], endedAtMicros = 5_000): BatchReport<TestTask> => ({ batch, outcome, endedAtMicros, unanswered: [] });
  return { told, lessons, pace, patience, probes, report, slices };
}

test('a batch that is done teaches the law, the controller and the pace of its replica', () => {
  const { told, lessons, pace, report } = world();
  lessons.learn(report('done'), undefined, 5_000);
  lessons.learn(report('done'), undefined, 5_000);
  pace.fold(100_000);
  assert.deepEqual(told.latencies, [4_000, 4_000]);
  assert.deepEqual(told.samples[0], { verdict: 'success', rows: 2, latencyMicros: 4_000, foretoldMicros: 3_000, sloMicros: 10_000, full: true });
  assert.ok(pace.goodRate('r') > 0);
});

test('rows that came late are no good answers', () => {
  const { lessons, pace, report } = world();
  lessons.learn(report('done', 10_001), undefined, 10_001);
  pace.fold(100_000);
  assert.equal(pace.goodRate('r'), 0);
});

test('one in which the process stood still says nothing of how long batches take', () => {
  const { told, lessons, report, slices } = world();
  lessons.learn({ ...report('done', 9_000_000), stoodStill: true }, undefined, 9_000_000);
  lessons.learn({ ...report('done', 9_000_000), stoodStill: true }, new Attempt(slices, { kind: 'probe', deaths: 0 }), 9_000_000);
  assert.deepEqual([told.latencies, told.doubted], [[], []]);
});

test('one that failed teaches the controller alone, and a hang patience', () => {
  const { told, lessons, patience, report } = world();
  for (const outcome of ['error', 'lost', 'hung'] as const) lessons.learn(report(outcome), undefined, 5_000);
  assert.deepEqual([told.latencies, told.samples.map(({ verdict }) => verdict)], [[], ['ignore', 'dropped', 'dropped']]);
  assert.equal(patience.micros(100), 200);
  lessons.learn(report('done'), undefined, 5_000);
  assert.equal(patience.micros(100), 100);
});

test('rows that were sent by themselves tell the controller nothing, and a probe makes the law doubtful', () => {
  const { told, lessons, report, slices } = world();
  lessons.learn(report('done'), new Attempt(slices, { kind: 'retry', deaths: 0 }), 5_000);
  assert.deepEqual([told.samples, told.doubted], [[], []]);
  lessons.learn(report('done'), new Attempt(slices, { kind: 'probe', deaths: 0 }), 5_000);
  assert.deepEqual([told.samples, told.doubted], [[], [2]]);
});

test('a batch that ended puts the next probe of its replica off; one that was a probe, and took no longer than an objective, asks for it', () => {
  const { lessons, probes, report, slices } = world();
  const probe = new Attempt(slices, { kind: 'probe', deaths: 0 });
  lessons.learn(report('done'), undefined, 5_000);
  assert.equal(probes.take('r', 104_000, 1), false);
  lessons.learn(report('done', 11_001), probe, 104_500);
  assert.equal(probes.take('r', 104_900, 1), false, 'it took 10 ms and more');
  lessons.learn(report('done', 11_000), probe, 104_950);
  assert.equal(probes.take('r', 104_950, 1), true);
});
