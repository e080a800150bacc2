import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from '../../../../frontend/batching/batcher.ts';
import type { BatcherOptions } from '../../../../frontend/batching/batcher.ts';
import type { BatchSample } from '../../../../frontend/batching/controller.ts';
import { FixedController } from '../../../../frontend/batching/controllers/fixed.ts';
import type { LatencyRecord } from '../../../../frontend/batching/latency/latency-record.ts';
import { LearnedLatency } from '../../../../frontend/batching/latency/learned-latency.ts';
import type { Batch, BatchReport } from '../../../../frontend/batching/task.ts';
import { exactLatency, exactLaw } from '../../../support/exact-law.ts';
import { makeTask, show, showSettled } from '../../../support/batch-tasks.ts';
import type { TestTask } from '../../../support/batch-tasks.ts';

const MS = 1000;
const ONE = { replicas: 1 };
const R1 = { id: 'r1', maxBatch: Infinity };
const R2 = { id: 'r2', maxBatch: Infinity };

function batcherOf(more: Partial<BatcherOptions> & { maxBatch?: number } = {}): Batcher<TestTask> {
  const { maxBatch = 4, ...options } = more;
  return new Batcher<TestTask>({ latency: new LearnedLatency(), controller: new FixedController({ maxBatch }), maxQueueRows: 100, hash: (_, row) => row, ...options });
}

function pull(batcher: Batcher<TestTask>, now: number, replica = R1): Batch<TestTask> {
  const next = batcher.next(now, replica);
  assert.equal(next.kind, 'flush');
  assert.ok(next.kind === 'flush');
  assert.deepEqual(next.settled, []);
  return next.batch;
}

function end(batcher: Batcher<TestTask>, batch: Batch<TestTask>, now: number, outcome: BatchReport<TestTask>['outcome'] = 'done'): string[] {
  const unanswered = outcome === 'done' ? [] : batch.slices;
  return showSettled(batcher.observe({ batch, endedAtMicros: now, outcome, unanswered, ...(outcome === 'done' ? {} : { error: { code: 'x', message: 'why' } }) }, now));
}

/** Teaches it that `rows` rows take `micros`. */
function teach(batcher: Batcher<TestTask>, rows: number, micros: number, now = 0): void {
  batcher.offer(makeTask({ name: 'lesson', count: rows, arrivedAtMicros: now, sloMicros: 1e12 }), now, ONE);
  end(batcher, pull(batcher, now), now + micros);
}

test('a batch says all that its sender must know', () => {
  const batcher = batcherOf();
  batcher.offer(makeTask({ name: 'a', count: 3, sloMicros: 50 * MS }), 0, ONE);
  batcher.offer(makeTask({ name: 'b', count: 3, sloMicros: 30 * MS }), 0, ONE);
  assert.equal(batcher.queuedRows, 6);
  const batch = pull(batcher, 5);
  assert.deepEqual(show(batch.slices), ['b:0+3', 'a:0+1']);
  assert.deepEqual({ ...batch, slices: [] }, {
    id: 1, replica: 'r1', slices: [], rows: 4, sentAtMicros: 5, deadlineAtMicros: 30 * MS, sloMicros: 30 * MS, hungAtMicros: 30_000_005, full: true, exploring: true,
  });
  const rest = pull(batcher, 6, R2);
  assert.deepEqual([show(rest.slices), rest.full, rest.id], [['a:1+2'], false, 2]);
  assert.deepEqual(batcher.next(6, R1), { kind: 'idle', settled: [] });
  assert.ok(!batcher.isIdle);
  assert.deepEqual([...end(batcher, batch, 10), ...end(batcher, rest, 10)], []);
  assert.ok(batcher.isIdle);
});

test('a batch that the replica cuts below what the controller allowed is not full', () => {
  const batcher = batcherOf();
  batcher.offer(makeTask({ count: 9 }), 0, ONE);
  const batch = pull(batcher, 0, { id: 'small', maxBatch: 2 });
  assert.deepEqual([batch.rows, batch.full], [2, false]);
});

test('a batch is hung at ten times the p99 of its size, after a second at the least', () => {
  const batcher = batcherOf();
  teach(batcher, 4, 20 * MS);
  const hungAfter = (rows: number) => {
    batcher.offer(makeTask({ count: rows, sloMicros: 1e12 }), 0, ONE);
    const batch = pull(batcher, 0);
    end(batcher, batch, 20 * MS);
    return batch.hungAtMicros;
  };
  assert.equal(hungAfter(4), 1_000 * MS);
  const slow = batcherOf();
  teach(slow, 4, 300 * MS);
  slow.offer(makeTask({ count: 4, sloMicros: 1e12 }), 0, ONE);
  const { hungAtMicros } = pull(slow, 0);
  assert.ok(hungAtMicros >= 3_000 * MS && hungAtMicros <= 9_000 * MS, `${hungAtMicros} µs`);
});

test('patience doubles with each hang in a row, and is as it was once a batch is done: what was cut off is no measurement', () => {
  let rows = 0;
  const batcher = batcherOf({ hash: () => ++rows });
  teach(batcher, 4, 20 * MS);
  const hungAfter = (outcome: 'hung' | 'done') => {
    batcher.offer(makeTask({ count: 4, sloMicros: 1e12 }), 0, ONE);
    const batch = pull(batcher, 0);
    end(batcher, batch, outcome === 'hung' ? batch.hungAtMicros : 20 * MS, outcome);
    for (let next = batcher.next(0, R2); next.kind === 'flush'; next = batcher.next(0, R2)) end(batcher, next.batch, 0, 'lost');
    return batch.hungAtMicros;
  };
  assert.deepEqual(Array.from({ length: 6 }, () => hungAfter('hung')), [1, 2, 4, 8, 16, 16].map((seconds) => seconds * 1_000 * MS));
  assert.equal(hungAfter('done'), 16_000 * MS);
  assert.equal(hungAfter('hung'), 1_000 * MS);
});

test('heads that cannot make it in the batch to be formed are let go, and shrink nobody’s batch', () => {
  const batcher = batcherOf();
  teach(batcher, 1, 10 * MS);
  teach(batcher, 4, 25 * MS);
  for (const [name, sloMs] of [['old', 24], ['a', 30], ['b', 30], ['c', 30], ['d', 30]] as const) {
    assert.equal(batcher.offer(makeTask({ name, sloMicros: sloMs * MS }), 0, ONE).kind, 'admitted');
  }
  const next = batcher.next(0, R1);
  assert.ok(next.kind === 'flush');
  assert.deepEqual(showSettled(next.settled), ['old:0+1 infeasible']);
  assert.deepEqual(show(next.batch.slices), ['a:0+1', 'b:0+1', 'c:0+1', 'd:0+1']);
});

test('as the queue empties, the batch to be formed is what is left', () => {
  const batcher = batcherOf();
  teach(batcher, 1, 10 * MS);
  teach(batcher, 4, 100 * MS);
  for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) batcher.offer(makeTask({ name, sloMicros: 30 * MS + i }), 0, ONE);
  const next = batcher.next(0, R1);
  assert.ok(next.kind === 'flush');
  assert.deepEqual([showSettled(next.settled), show(next.batch.slices)], [['a:0+1 infeasible', 'b:0+1 infeasible', 'c:0+1 infeasible'], ['d:0+1']]);
});

test('of equal deadlines, as many as can make it together go', () => {
  const batcher = batcherOf();
  teach(batcher, 1, 10 * MS);
  teach(batcher, 4, 100 * MS);
  for (const name of ['a', 'b', 'c', 'd']) batcher.offer(makeTask({ name, sloMicros: 30 * MS }), 0, ONE);
  assert.deepEqual(show(pull(batcher, 0).slices), ['a:0+1']);
});

test('what waits expires at its deadline, whether or not a replica pulls', () => {
  const batcher = batcherOf();
  batcher.offer(makeTask({ name: 'a', deadlineAtMicros: 10 }), 0, ONE);
  batcher.offer(makeTask({ name: 'b', deadlineAtMicros: 20, batchKey: 'other' }), 0, ONE);
  assert.deepEqual([batcher.nextExpiry(), showSettled(batcher.expire(9))], [10, []]);
  assert.deepEqual([showSettled(batcher.expire(10)), batcher.nextExpiry()], [['a:0+1 expired_in_queue'], 20]);
  const next = batcher.next(20, R1);
  assert.deepEqual([next.kind, showSettled(next.settled), batcher.nextExpiry()], ['idle', ['b:0+1 expired_in_queue'], Infinity]);
});

test('a task that is cancelled takes back what waits, what waits for a retry included, and disturbs nobody', () => {
  const batcher = batcherOf();
  const a = makeTask({ name: 'a', count: 5 });
  batcher.offer(a, 0, ONE);
  batcher.offer(makeTask({ name: 'b', sloMicros: 200 * MS }), 0, ONE);
  assert.deepEqual(end(batcher, pull(batcher, 0), 1, 'lost'), []);
  assert.equal(batcher.queuedRows, 6);
  assert.equal(batcher.cancel(a), 5);
  assert.equal(batcher.cancel(a), 0);
  assert.deepEqual(show(pull(batcher, 2, R2).slices), ['b:0+1']);
});

test('a dead replica’s rows go to another, as halves; without one, back to the same', () => {
  const batcher = batcherOf();
  batcher.offer(makeTask({ name: 'a', count: 4 }), 0, { replicas: 2 });
  end(batcher, pull(batcher, 0), 1, 'hung');
  assert.equal(batcher.next(2, R1, { replicas: 2 }).kind, 'idle');
  assert.deepEqual(show(pull(batcher, 2, R2).slices), ['a:0+2']);
  const next = batcher.next(2, R1, { replicas: 1 });
  assert.ok(next.kind === 'flush');
  assert.deepEqual(show(next.batch.slices), ['a:2+2']);
});

test('a retry that can no more make it fails as what its batch failed of', () => {
  const late = batcherOf();
  late.offer(makeTask({ name: 'a', deadlineAtMicros: 10 }), 0, ONE);
  assert.deepEqual(end(late, pull(late, 0), 10, 'lost'), ['a:0+1 replica_failed']);

  const tight = batcherOf();
  teach(tight, 1, 10 * MS);
  tight.offer(makeTask({ name: 'a', count: 2, sloMicros: 50 * MS }), 0, ONE);
  assert.deepEqual(end(tight, pull(tight, 0), 45 * MS, 'error'), []);
  const next = tight.next(45 * MS, R1);
  assert.deepEqual([next.kind, showSettled(next.settled), next.settled[0]?.text], ['idle', ['a:0+1 batch_failed', 'a:1+1 batch_failed'], 'why']);
});

test('a poisoned row is refused, after it killed two replicas in company and one alone', () => {
  const batcher = batcherOf();
  const offer = () => batcher.offer(makeTask({ name: 'a', first: 7, sloMicros: 1e9 }), 0, ONE);
  offer();
  assert.deepEqual(end(batcher, pull(batcher, 0), 1, 'lost'), []);
  assert.deepEqual(end(batcher, pull(batcher, 1), 2, 'lost'), ['a:7+1 replica_failed']);
  assert.equal(offer().kind, 'admitted');
  batcher.offer(makeTask({ name: 'b', sloMicros: 1e9 }), 0, ONE);
  const alone = pull(batcher, 2);
  assert.deepEqual(show(alone.slices), ['a:7+1']);
  assert.deepEqual(end(batcher, alone, 3, 'lost'), ['a:7+1 replica_failed']);
  const refused = offer();
  assert.deepEqual([refused.kind, refused.kind === 'refused' && refused.reason], ['refused', 'poison']);
  end(batcher, pull(batcher, 3), 4);
  assert.equal(batcher.offer(makeTask({ name: 'c', first: 6, count: 3, sloMicros: 1e9 }), 4, ONE).kind, 'admitted');
  assert.equal(batcher.nextExpiry(), -Infinity);
  assert.deepEqual(showSettled(batcher.expire(4)), ['c:7+1 poison'], 'the other rows of its task are none the worse');
  assert.deepEqual([show(pull(batcher, 4).slices), show(pull(batcher, 4, R2).slices)], [['c:6+1'], ['c:8+1']]);
});

/** Sends whatever there is to replicas that die of rows numbered 7, the first of `replicas` first, until nothing waits; says how many died. */
function playPoisoned(batcher: Batcher<TestTask>, replicas: number, settled: string[]): number {
  let deaths = 0;
  for (let now = 1; batcher.queuedRows > 0; now++) {
    assert.ok(now < 1000, 'it comes to no end');
    const sent: Batch<TestTask>[] = [];
    for (let i = 0; i < replicas; i++) {
      const next = batcher.next(now, { id: `${now}.${i}`, maxBatch: Infinity }, { replicas });
      settled.push(...showSettled(next.settled));
      if (next.kind === 'flush') sent.push(next.batch);
    }
    for (const batch of sent) {
      const dies = batch.slices.some(({ first, count }) => first <= 7 && 7 < first + count);
      if (dies) deaths++;
      settled.push(...end(batcher, batch, now, dies ? 'lost' : 'done'));
    }
    settled.push(...showSettled(batcher.expire(now)));
  }
  return deaths;
}

for (const replicas of [1, 2, 4]) {
  test(`copies of one row that wait when it is found to be deadly kill nobody more: ${replicas} replicas`, () => {
    const batcher = batcherOf({ maxQueueRows: 1000 });
    for (let i = 0; i < 100; i++) batcher.offer(makeTask({ name: i % 10 === 0 ? 'good' : 'bad', first: i % 10 === 0 ? i : 7, arrivedAtMicros: i, sloMicros: 1e9 }), i, { replicas });
    const settled: string[] = [];
    const deaths = playPoisoned(batcher, replicas, settled);
    assert.ok(batcher.isIdle);
    // In the worst case each replica has a batch with a copy, then half of one, before the first half has shown it; then one dies of it alone.
    assert.ok(deaths <= 2 * replicas + 1, `${deaths} deaths`);
    assert.equal(settled.filter((one) => one.startsWith('bad:7+1 ')).length, 90, 'each copy is told once');
    assert.ok(settled.filter((one) => one === 'bad:7+1 poison').length > 70, settled.join(', '));
    const others = settled.filter((one) => !/^bad:7\+1 (?:poison|replica_failed)$/u.test(one));
    assert.ok(others.length <= replicas && others.every((one) => one.endsWith(' replica_failed')), `more than who was in a half with it: ${others.join(', ')}`);
  });
}

test('of a suspect one copy is tried at a time, and the others wait to see what becomes of it', () => {
  const batcher = batcherOf();
  const offer = () => batcher.offer(makeTask({ name: 'a', first: 7, sloMicros: 1e9 }), 0, { replicas: 2 });
  offer();
  end(batcher, pull(batcher, 0), 1, 'lost');
  end(batcher, pull(batcher, 1, R2), 2, 'lost');
  offer();
  offer();
  const alone = pull(batcher, 2);
  assert.deepEqual(batcher.next(2, R2), { kind: 'idle', settled: [] });
  batcher.offer(makeTask({ name: 'b', first: 8, sloMicros: 1e9 }), 2, { replicas: 2 });
  const beside = pull(batcher, 2, R2);
  assert.deepEqual(show(beside.slices), ['b:8+1'], 'others pass it by');
  assert.deepEqual(end(batcher, alone, 3), []);
  assert.deepEqual(show(pull(batcher, 3).slices), ['a:7+1'], 'it was innocent');
});

test('an attempt larger than the replica allows is cut, and the rest follows', () => {
  const batcher = batcherOf({ maxBatch: 8 });
  batcher.offer(makeTask({ name: 'a', count: 8 }), 0, { replicas: 2 });
  end(batcher, pull(batcher, 0), 1, 'lost');
  const small = { id: 'small', maxBatch: 3 };
  assert.deepEqual([1, 2, 3, 4].map((now) => show(pull(batcher, now, small).slices)), [['a:0+3'], ['a:4+3'], ['a:3+1'], ['a:7+1']]);
});

test('nobody is let go for a task that is refused', () => {
  const batcher = batcherOf({ maxQueueRows: 4, maxLanes: 1 });
  batcher.offer({ ...makeTask({ name: 'low', count: 4, sloMicros: 1e9, batchKey: 'a' }), priority: 2 }, 0, ONE);
  const refused = batcher.offer({ ...makeTask({ name: 'high', count: 1, sloMicros: 1e9, batchKey: 'b' }), priority: 0 }, 0, ONE);
  assert.equal(refused.kind, 'refused');
  assert.deepEqual([batcher.queuedRows, batcher.expire(0).length], [4, 0]);
});

test('a probe of many rows is cut to the most that a batch may have', () => {
  const batcher = batcherOf({ maxRows: 3 });
  teach(batcher, 1, 500 * MS);
  batcher.offer(makeTask({ name: 'probe', count: 5, arrivedAtMicros: 600 * MS, sloMicros: 20 * MS }), 600 * MS, ONE);
  const probe = pull(batcher, 600 * MS);
  assert.deepEqual(show(probe.slices), ['probe:0+3']);
  end(batcher, probe, 602 * MS);
  assert.deepEqual(show(pull(batcher, 602 * MS).slices), ['probe:3+2']);
});

test('a wrong estimate does not lock a model out: a probe is sent by itself and puts it right', () => {
  const batcher = batcherOf();
  teach(batcher, 1, 500 * MS);
  const offer = (name: string, now: number) => batcher.offer(makeTask({ name, arrivedAtMicros: now, sloMicros: 20 * MS }), now, ONE);
  assert.equal(offer('probe', 600 * MS).kind, 'admitted');
  const refused = offer('next', 600 * MS);
  assert.ok(refused.kind === 'refused' && refused.reason === 'slo_unreachable' && refused.text?.includes('500.0 ms'));
  const probe = pull(batcher, 600 * MS);
  assert.deepEqual(show(probe.slices), ['probe:0+1']);
  assert.equal(probe.exploring, true);
  end(batcher, probe, 602 * MS);
  assert.equal(offer('after', 603 * MS).kind, 'admitted');
});

test('an estimate of the last run that forbids everything is put right by the first query', () => {
  const prior: LatencyRecord = { format: 1, spread: { noise: 0.1, bend: 0.05, isPadded: false }, tailRatio: 2, points: [[1, 400 * MS, 64]] };
  const batcher = batcherOf({ latency: new LearnedLatency({ prior }) });
  assert.equal(batcher.offer(makeTask({ sloMicros: 50 * MS }), 0, ONE).kind, 'admitted');
  end(batcher, pull(batcher, 0), 2 * MS);
  let answered = 0;
  for (let now = 10 * MS; now < 1_000 * MS; now += 10 * MS) {
    batcher.offer(makeTask({ arrivedAtMicros: now, sloMicros: 50 * MS }), now, ONE);
    const next = batcher.next(now, R1, ONE);
    if (next.kind !== 'flush') continue;
    end(batcher, next.batch, now + 2 * MS);
    answered++;
  }
  assert.ok(answered > 90, `${answered} of 99`);
});

test('a replica that would be sent nothing for good is tried: alone, and beside one that is busy', () => {
  for (const replicas of [1, 2]) {
    const batcher = batcherOf({ latency: slowAtFirst(R1.id) });
    const capacity = { replicas };
    let sentAt = -1;
    for (let now = 0; now < 500 * MS && sentAt < 0; now += 5 * MS) {
      for (let i = 0; i < 6; i++) batcher.offer(makeTask({ arrivedAtMicros: now, sloMicros: 50 * MS }), now, capacity);
      const other = replicas === 1 ? undefined : batcher.next(now, R2, capacity);
      const next = batcher.next(now, R1, capacity);
      if (next.kind === 'flush') sentAt = now;
      if (other?.kind === 'flush') end(batcher, other.batch, now + MS);
    }
    assert.equal(sentAt, 100 * MS, `${replicas} replicas`);
  }
});

/** A model by which this replica needs 400 ms for a row, and any other 1 ms. */
function slowAtFirst(slow: string): BatcherOptions['latency'] {
  const [quick, slowly] = [exactLaw((rows) => MS * rows), exactLaw((rows) => 400 * MS * rows)];
  return { ...exactLatency(quick), lawOf: (replica) => (replica === slow ? slowly : quick) };
}

test('the controller learns from batches by verdict, and nothing from rows that are sent by themselves', () => {
  const samples: BatchSample[] = [];
  const batcher = batcherOf({ controller: { decide: () => 2, observe: (sample) => samples.push(sample) } });
  for (const outcome of ['done', 'error', 'lost', 'hung'] as const) {
    batcher.offer(makeTask({ count: 2, sloMicros: 1e9 }), 0, ONE);
    end(batcher, pull(batcher, 0), 7, outcome);
    while (batcher.queuedRows > 0) end(batcher, pull(batcher, 7), 8);
  }
  assert.deepEqual(samples.map(({ verdict }) => verdict), ['success', 'ignore', 'dropped', 'dropped']);
  assert.deepEqual(samples[0], { verdict: 'success', rows: 2, latencyMicros: 7, foretoldMicros: 0, sloMicros: 1e9, full: true });
});

test('a plan may hold a batch back, and leave rows out of it', () => {
  const batcher = batcherOf({ controller: { decide: ({ now, waiting }) => ({ rows: 1, from: waiting.headDeadlineAtMicros + 1, until: now < 900 ? 900 : now }), observe: () => undefined } });
  batcher.offer(makeTask({ name: 'a', deadlineAtMicros: 1_000 }), 0, ONE);
  batcher.offer(makeTask({ name: 'b', deadlineAtMicros: 2_000 }), 0, ONE);
  assert.deepEqual(batcher.next(0, R1), { kind: 'wait', until: 900, settled: [] });
  const next = batcher.next(900, R1);
  assert.ok(next.kind === 'flush');
  assert.deepEqual(show(next.batch.slices), ['b:0+1']);
  assert.deepEqual(showSettled(next.settled), ['a:0+1 infeasible'], 'nobody else could take it meanwhile');
});

test('max_delay_ms holds a batch that has room back, and never a full one', () => {
  const batcher = batcherOf({ maxDelayMicros: 300 });
  end(batcher, crowd(batcher, 5), 0);
  batcher.offer(makeTask({ deadlineAtMicros: 1_000 }), 0, ONE);
  assert.deepEqual(batcher.next(0, R1), { kind: 'wait', until: 300, settled: [] });
  assert.equal(batcher.next(300, R1).kind, 'flush');
  batcher.offer(makeTask({ count: 4, deadlineAtMicros: 1_000 }), 0, ONE);
  assert.equal(batcher.next(0, R1).kind, 'flush');
});

test('max_delay_ms holds nothing back once as many rows are here as there were at once of late, those under way included', () => {
  const batcher = batcherOf({ maxDelayMicros: 300 });
  batcher.offer(makeTask(), 0, ONE);
  end(batcher, pull(batcher, 0), 0);
  const three = crowd(batcher, 3);
  batcher.offer(makeTask(), 10, ONE);
  assert.equal(batcher.next(10, R2).kind, 'flush', 'three are under way: nobody is missing');
  end(batcher, three, 20);
  batcher.offer(makeTask(), 20, ONE);
  assert.equal(batcher.next(20, R1).kind, 'wait', 'two of those who were answered may come again');
  batcher.offer(makeTask(), 30, ONE);
  assert.equal(batcher.next(30, R1).kind, 'wait');
  batcher.offer(makeTask(), 40, ONE);
  assert.equal(pull(batcher, 40).rows, 3);
});

/** So many rows at once, sent as one batch. */
function crowd(batcher: Batcher<TestTask>, count: number): Batch<TestTask> {
  batcher.offer(makeTask({ count, deadlineAtMicros: 100 * MS }), 0, ONE);
  return pull(batcher, 0);
}

test('a batch is filled up to an allowed size', () => {
  const batcher = batcherOf({ allowedRows: [2, 3] });
  batcher.offer(makeTask({ count: 6 }), 0, ONE);
  assert.deepEqual([pull(batcher, 0).rows, pull(batcher, 0).rows], [3, 3]);
  batcher.offer(makeTask({ count: 1 }), 0, ONE);
  assert.equal(pull(batcher, 0).rows, 1, 'fewer than the least go as they are');
});

test('where letting go brings another lane to the front, that one is looked at for itself', () => {
  const batcher = batcherOf({ latency: exactLatency(exactLaw(() => 10 * MS)) });
  batcher.offer(makeTask({ name: 'a', sloMicros: 12 * MS, batchKey: 'x' }), 0, ONE);
  batcher.offer(makeTask({ name: 'b', sloMicros: 40 * MS, batchKey: 'y' }), 0, ONE);
  batcher.offer(makeTask({ name: 'c', sloMicros: 90 * MS, batchKey: 'x' }), 0, ONE);
  const next = batcher.next(5 * MS, R1);
  assert.ok(next.kind === 'flush');
  assert.deepEqual([showSettled(next.settled), show(next.batch.slices)], [['a:0+1 infeasible'], ['b:0+1']]);
  assert.deepEqual(show(pull(batcher, 5 * MS).slices), ['c:0+1']);
});

test('a full queue makes room for who comes before others', () => {
  const batcher = batcherOf({ maxQueueRows: 2 });
  const offer = (name: string, priority: number) => batcher.offer({ ...makeTask({ name }), priority }, 0, ONE).kind;
  assert.deepEqual([offer('a', 2), offer('b', 1), offer('c', 2), offer('d', 1), offer('e', 0)], ['admitted', 'admitted', 'refused', 'admitted', 'admitted']);
  assert.equal(batcher.nextExpiry(), -Infinity);
  assert.deepEqual(showSettled(batcher.expire(0)), ['a:0+1 queue_full', 'd:0+1 queue_full']);
});

test('a controller that allows no rows is a bug, and so is a batch that ends twice', () => {
  const broken = batcherOf({ controller: { decide: () => Number.NaN, observe: () => undefined } });
  broken.offer(makeTask(), 0, ONE);
  assert.throws(() => broken.next(0, R1), RangeError);
  const batcher = batcherOf();
  batcher.offer(makeTask(), 0, ONE);
  const batch = pull(batcher, 0);
  end(batcher, batch, 1);
  assert.throws(() => end(batcher, batch, 1), RangeError);
});

test('inputs of too many different shapes are refused', () => {
  const batcher = batcherOf({ maxLanes: 1 });
  assert.equal(batcher.offer(makeTask({ batchKey: 'x' }), 0, ONE).kind, 'admitted');
  const refused = batcher.offer(makeTask({ batchKey: 'y' }), 0, ONE);
  assert.ok(refused.kind === 'refused' && refused.reason === 'queue_full');
});

test('abandoning settles all that waits, retries included', () => {
  const batcher = batcherOf();
  batcher.offer(makeTask({ name: 'a', count: 6 }), 0, ONE);
  const batch = pull(batcher, 0);
  end(batcher, batch, 1, 'lost');
  assert.deepEqual(showSettled(batcher.abandon('no_replica')), ['a:4+2 no_replica', 'a:0+2 no_replica', 'a:2+2 no_replica']);
  assert.ok(batcher.isIdle);
});

test('a replica that is too slow for the first lane looks into the next ones; the first is still another’s', () => {
  const law = exactLaw((rows) => 2_000 + 100 * rows), slow = exactLaw((rows) => 10 * (2_000 + 100 * rows));
  const batcher = batcherOf({ latency: { ...exactLatency(law), lawOf: (id) => (id === 'r2' ? slow : law) } });
  batcher.observe({ batch: seen(batcher, R1), endedAtMicros: 2_100, outcome: 'done', unanswered: [] }, 2_100);
  batcher.observe({ batch: seen(batcher, R2), endedAtMicros: 21_000, outcome: 'done', unanswered: [] }, 21_000);
  batcher.offer(makeTask({ name: 'soon', batchKey: 'a', arrivedAtMicros: 21_000, sloMicros: 10_000 }), 21_000, { replicas: 2 });
  batcher.offer(makeTask({ name: 'later', batchKey: 'b', arrivedAtMicros: 21_000, sloMicros: 50_000 }), 21_000, { replicas: 2 });
  assert.deepEqual(show(pull(batcher, 21_000, R2).slices), ['later:0+1']);
  assert.deepEqual(show(pull(batcher, 21_000, R1).slices), ['soon:0+1']);
});

test('a replica that was thought too slow is tried once the same heads were passed over before, also where there are several lanes', () => {
  const law = exactLaw((rows) => 2_000 + 100 * rows), slow = exactLaw((rows) => 10 * (2_000 + 100 * rows));
  for (const keys of [['a'], ['a', 'b']]) {
    const batcher = batcherOf({ latency: { ...exactLatency(law), lawOf: (id) => (id === 'r2' ? slow : law) } });
    batcher.observe({ batch: seen(batcher, R1), endedAtMicros: 2_100, outcome: 'done', unanswered: [] }, 2_100);
    batcher.observe({ batch: seen(batcher, R2), endedAtMicros: 21_000, outcome: 'done', unanswered: [] }, 21_000);
    for (const [i, batchKey] of keys.entries()) batcher.offer(makeTask({ name: batchKey, batchKey, arrivedAtMicros: 200_000, sloMicros: 10_000 + i }), 200_000, { replicas: 2 });
    assert.equal(batcher.next(200_000, R2).kind, 'idle', 'another replica may take it at this very moment');
    assert.deepEqual(show(pull(batcher, 200_001, R2).slices), ['a:0+1']);
  }
});

function seen(batcher: Batcher<TestTask>, replica: typeof R1): Batch<TestTask> {
  batcher.offer(makeTask({ sloMicros: 1_000 * MS }), 0, { replicas: 2 });
  return pull(batcher, 0, replica);
}

test('where a replica takes batches of any size, who finds no room is still told when there will be some', () => {
  const plan = { decide: () => ({ rows: 2, from: 0 }), observe: () => undefined };
  const batcher = batcherOf({ controller: plan, latency: exactLatency(exactLaw(() => 10 * MS)), maxRows: 2, maxQueueRows: 4 });
  teach(batcher, 2, 10 * MS);
  batcher.offer(makeTask({ count: 4, sloMicros: 1e9 }), 0, ONE);
  assert.deepEqual(batcher.offer(makeTask({ count: 2, sloMicros: 1e9 }), 0, ONE), { kind: 'refused', reason: 'queue_full', retryAfterMs: 10 });
});

test('how long it will take is told by the batches that are sent, not by the largest that might be', () => {
  const plan = { decide: () => ({ rows: 2, from: 0 }), observe: () => undefined };
  const batcher = batcherOf({ controller: plan, latency: exactLatency(exactLaw((rows) => rows * MS)), maxRows: 100, maxQueueRows: 4 });
  teach(batcher, 2, 2 * MS);
  batcher.offer(makeTask({ count: 4, sloMicros: 1e9 }), 0, ONE);
  assert.deepEqual(batcher.offer(makeTask({ count: 3, sloMicros: 1e9 }), 0, ONE), { kind: 'refused', reason: 'queue_full', retryAfterMs: 3 });
});
