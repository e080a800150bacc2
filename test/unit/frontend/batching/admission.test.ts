import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission } from '../../../../frontend/batching/admission.ts';
import type { Load } from '../../../../frontend/batching/admission.ts';
import { LearnedLatency } from '../../../../frontend/batching/latency/learned-latency.ts';
import { makeTask } from '../../../support/batch-tasks.ts';

const MS = 1000;

/** A model that takes 10 ms + 1 ms a row, in batches of 10 (20 ms). */
function measured(): Admission {
  const latency = new LearnedLatency();
  for (const rows of [1, 10]) latency.observe({ replica: 'r', rows, micros: (10 + rows) * MS }, 0);
  const admission = new Admission({ latency, maxQueueRows: 100 });
  admission.update(10);
  return admission;
}
const load = (more: Partial<Load> = {}): Load => ({ now: 0, queuedRows: 0, replicas: 1, latestDeadlineAtMicros: -Infinity, aheadRows: more.queuedRows ?? 0, ...more });

test('without measurements only a full queue and a past deadline refuse', () => {
  const admission = new Admission({ latency: new LearnedLatency(), maxQueueRows: 10 });
  const task = makeTask({ sloMicros: 1, count: 2 });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 8 })), { kind: 'admitted' });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 9 })), { kind: 'refused', reason: 'queue_full' });
  assert.deepEqual(admission.judge(task, load({ now: 1 })), { kind: 'refused', reason: 'expired_in_queue' });
});

test('a full queue says when it will have room', () => {
  const admission = measured();
  const retry = (count: number, replicas: number) => admission.judge(makeTask({ sloMicros: 1e9, count }), load({ queuedRows: 100, replicas }));
  assert.deepEqual(retry(1, 1), { kind: 'refused', reason: 'queue_full', retryAfterMs: 12 });
  assert.deepEqual(retry(25, 1), { kind: 'refused', reason: 'queue_full', retryAfterMs: 55 });
  assert.deepEqual(retry(30, 3), { kind: 'refused', reason: 'queue_full', retryAfterMs: 20 });
  assert.deepEqual(retry(101, 1), { kind: 'refused', reason: 'queue_full', text: 'The request has 101 rows; the queue holds 100.' });
});

test('whoever is let go is told when what waits will be done with', () => {
  assert.deepEqual([measured().freeInMs(0, 1), measured().freeInMs(24, 1), measured().freeInMs(29, 3), measured().freeInMs(23, 3)], [12, 55, 20, 18]);
  assert.equal(new Admission({ latency: new LearnedLatency(), maxQueueRows: 10 }).freeInMs(5, 1), undefined);
});

test('where batches might be larger than they are, it is told by those that there are', () => {
  const admission = measured();
  admission.update(100, Infinity, 10);
  assert.equal(admission.freeInMs(24, 1), 55);
});

test('what is too slow even alone is probed now and then and else refused with the measured p99', () => {
  const admission = measured();
  const task = makeTask({ sloMicros: 8 * MS });
  assert.equal(admission.judge(task, load()), 'probe');
  assert.deepEqual(admission.judge(task, load({ now: 1 })), {
    kind: 'refused', reason: 'slo_unreachable', text: 'Measured alone, the p99 is 11.0 ms; the SLO leaves 8.0 ms.',
  });
});

test('an SLO that would do, but whose time has gone by, is infeasible', () => {
  const admission = measured();
  const task = makeTask({ sloMicros: 15 * MS });
  admission.judge(task, load({ now: 10 * MS }));
  assert.deepEqual(admission.judge(task, load({ now: 10 * MS })), {
    kind: 'refused', reason: 'infeasible', text: 'Measured alone, the p99 is 11.0 ms; 5.0 ms were left.',
  });
});

test('who came too late for it is no reason to probe, as long as batches end', () => {
  const admission = measured();
  const task = makeTask({ sloMicros: 15 * MS });
  const judged = (ms: number): string => {
    const offer = admission.judge(task, load({ now: ms * MS }));
    return offer === 'probe' ? offer : offer.kind;
  };
  admission.worked(0);
  assert.deepEqual([judged(10), judged(14)], ['refused', 'refused']);
  const later = makeTask({ sloMicros: 115 * MS });
  assert.equal(admission.judge(later, load({ now: 110 * MS })), 'probe', 'a tenth of a second without one');
});

test('an estimate that is wrong again is probed at once again, though probes have failed before it was right', () => {
  const latency = new LearnedLatency();
  const observe = (micros: number, batches: number): void => {
    for (let i = 0; i < batches; i++) latency.observe({ replica: 'r', rows: 1, micros }, i * MS);
    admission.update(1);
  };
  const admission = new Admission({ latency, maxQueueRows: 100 });
  const probes = (fromMs: number): number => {
    let count = 0;
    for (let at = fromMs; at < fromMs + 3000; at += 10) if (admission.judge(makeTask({ arrivedAtMicros: at * MS, sloMicros: 20 * MS }), load({ now: at * MS })) === 'probe') count++;
    return count;
  };
  observe(50 * MS, 40);
  assert.equal(probes(0), 5);
  assert.equal(probes(3000), 1, 'gaps have grown');
  observe(5 * MS, 40);
  assert.deepEqual(admission.judge(makeTask({ arrivedAtMicros: 6000 * MS, sloMicros: 20 * MS }), load({ now: 6000 * MS })), { kind: 'admitted' });
  observe(50 * MS, 40);
  assert.equal(probes(6001), 5);
});

test('what lies behind more than three times what can be done before its deadline is refused, with the time that is too much', () => {
  const admission = measured();
  const task = makeTask({ sloMicros: 50 * MS });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 69 })), { kind: 'admitted' });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 70 })), { kind: 'refused', reason: 'infeasible', retryAfterMs: 110 });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 70, replicas: 2 })), { kind: 'admitted' });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 70, latestDeadlineAtMicros: 51 * MS })), { kind: 'admitted' }, 'it goes before some of it');
});

test('less than one batch ahead never refuses, however slow a batch: replicas are not left without work', () => {
  const latency = new LearnedLatency();
  for (let i = 0; i < 40; i++) for (const rows of [1, 10]) latency.observe({ replica: 'r', rows, micros: rows * rows * MS }, i * MS);
  const admission = new Admission({ latency, maxQueueRows: 100 });
  admission.update(10);
  const task = makeTask({ sloMicros: 12 * MS });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 9 })), { kind: 'admitted' });
  assert.deepEqual(admission.judge(task, load({ queuedRows: 10 })), { kind: 'refused', reason: 'infeasible', retryAfterMs: 188 });
});
