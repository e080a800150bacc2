import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attempt } from '../../../../frontend/batching/attempt.ts';
import { AttemptQueue } from '../../../../frontend/batching/attempt-queue.ts';
import { Failures } from '../../../../frontend/batching/failures.ts';
import type { BatchReport, Settled, Slice } from '../../../../frontend/batching/task.ts';
import { makeTask, show, showSettled } from '../../../support/batch-tasks.ts';
import type { TestTask } from '../../../support/batch-tasks.ts';

const MINUTE = 60_000_000;

/** `Failures` over a queue whose attempts are sent at once and end as `fate` says of the rows in them. */
function bench() {
  const attempts = new AttemptQueue<TestTask>();
  const underWay: Attempt<TestTask>[] = [];
  const failures = new Failures<TestTask>({ hash: (_, row) => row, attempts, underWay });
  const settled: Settled<TestTask>[] = [];
  let calls = 0;
  const report = (slices: readonly Slice<TestTask>[], outcome: BatchReport<TestTask>['outcome'], tookMicros = 0): BatchReport<TestTask> => ({
    batch: {
      id: ++calls, replica: 'r1', slices, rows: slices.reduce((sum, { count }) => sum + count, 0), sentAtMicros: 0,
      deadlineAtMicros: 1e9, sloMicros: 1e9, hungAtMicros: 1e9, full: false,
    },
    endedAtMicros: tookMicros, outcome, unanswered: outcome === 'done' ? [] : slices, error: { code: 'model_error', message: `call ${calls}` },
  });
  const end = (slices: readonly Slice<TestTask>[], outcome: BatchReport<TestTask>['outcome'], now = 0, attempt?: Attempt<TestTask>) =>
    failures.observe(report(slices, outcome), attempt, now, settled);
  const sendAll = (fate: (rows: number[]) => BatchReport<TestTask>['outcome'], now = 0) => {
    for (let attempt = attempts.peek(); attempt !== undefined; attempt = attempts.peek()) {
      attempts.remove(attempt);
      const rows = attempt.slices.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
      end(attempt.slices, fate(rows), now, attempt);
    }
  };
  return { attempts, underWay, failures, settled, report, end, sendAll, calls: () => calls };
}
const whole = (task: TestTask): Slice<TestTask>[] => [{ task, first: task.first, count: task.count }];

test('one bad row is found in 2·⌈log2 b⌉ extra calls and fails alone with the message of the container', () => {
  const { settled, end, sendAll, calls } = bench();
  end(whole(makeTask({ count: 64 })), 'error');
  sendAll((rows) => (rows.includes(37) ? 'error' : 'done'));
  assert.deepEqual(showSettled(settled), ['t:37+1 row_failed']);
  assert.match(settled[0]?.text ?? '', /^call \d+$/);
  assert.equal(calls(), 1 + 12);
});

test('a model that fails on everything costs 2·⌈log2 b⌉ + 2 extra calls, then the rest fails as batch_failed', () => {
  const { settled, end, sendAll, calls } = bench();
  end(whole(makeTask({ count: 64 })), 'error');
  sendAll(() => 'error');
  assert.equal(calls(), 1 + 14);
  assert.equal(settled.reduce((sum, { slice }) => sum + slice.count, 0), 64);
  assert.ok(settled.some(({ reason }) => reason === 'batch_failed'));
});

test('a batch of one that errs is not sent again', () => {
  const { attempts, settled, end } = bench();
  end(whole(makeTask()), 'error');
  assert.equal(attempts.size, 0);
  assert.deepEqual(showSettled(settled), ['t:0+1 row_failed']);
});

test('the second search in a minute must keep to 5 % of the time worked', () => {
  const { failures, settled, end, report } = bench();
  end(whole(makeTask({ name: 'free', count: 2 })), 'error');
  failures.observe(report(whole(makeTask()), 'done', 1_000), new Attempt<TestTask>([], { kind: 'retry', deaths: 0, bisection: { callsLeft: 1, free: true } }), 0, settled);
  end(whole(makeTask({ name: 'bound', count: 2 })), 'error');
  assert.deepEqual(showSettled(settled), ['bound:0+2 batch_failed']);
  failures.observe(report(whole(makeTask()), 'done', 19_000), undefined, 0, settled);
  end(whole(makeTask({ name: 'later', count: 2 })), 'error');
  assert.deepEqual(showSettled(settled), ['bound:0+2 batch_failed']);
});

test('rows whose replica died are tried once more, as halves, elsewhere', () => {
  const { attempts, failures, settled, end } = bench();
  end([...whole(makeTask({ name: 'a', count: 3 })), ...whole(makeTask({ name: 'b', count: 2 }))], 'lost');
  assert.deepEqual(settled, []);
  const halves = [attempts.peekFor('r2', 2, failures.isHeld)];
  if (halves[0] !== undefined) attempts.remove(halves[0]);
  halves.push(attempts.peekFor('r2', 2, failures.isHeld));
  assert.deepEqual(halves.map((half) => show(half?.slices ?? [])), [['a:0+3'], ['b:0+2']]);
  assert.equal(attempts.peekFor('r1', 2, failures.isHeld), undefined);
});

test('what dies twice is a suspect for a minute; a suspect that dies alone is poison for a minute, the others are cleared', () => {
  const { attempts, failures, settled, end, sendAll } = bench();
  end(whole(makeTask({ count: 4 })), 'lost');
  sendAll((rows) => (rows.includes(1) ? 'hung' : 'done'));
  assert.deepEqual(showSettled(settled), ['t:0+2 replica_failed']);
  assert.ok(!failures.isQuiet(0));

  const again = makeTask({ name: 'again', count: 4 });
  assert.equal(failures.setApart(again, 0, settled), 'apart');
  const waiting: Attempt<TestTask>[] = [];
  for (let attempt = attempts.peek(); attempt !== undefined; attempt = attempts.peek()) {
    attempts.remove(attempt);
    waiting.push(attempt);
  }
  for (const attempt of waiting) attempts.push(attempt);
  assert.deepEqual(waiting.map((attempt) => [show(attempt.slices)[0], attempt.history.kind]), [
    ['again:0+1', 'suspect'], ['again:1+1', 'suspect'], ['again:2+2', 'apart'],
  ]);
  settled.length = 0;
  sendAll((rows) => (rows.includes(1) ? 'lost' : 'done'));
  assert.deepEqual(showSettled(settled), ['again:1+1 replica_failed'], 'a suspect is not tried twice');
  settled.length = 0;
  const poisoned = makeTask({ name: 'poisoned', count: 4 });
  assert.equal(failures.setApart(poisoned, MINUTE - 1, settled), 'apart');
  assert.deepEqual(showSettled(settled), ['poisoned:1+1 poison']);
  const sent: string[] = [];
  for (let attempt = attempts.peek(); attempt !== undefined; attempt = attempts.peek()) {
    attempts.remove(attempt);
    sent.push(...show(attempt.slices));
  }
  assert.deepEqual(sent, ['poisoned:0+1', 'poisoned:2+2'], 'its other rows are sent, none as a suspect any more');
  assert.equal(failures.setApart(makeTask({ first: 1 }), MINUTE - 1, settled), 'poison');
  assert.equal(failures.setApart(makeTask({ count: 4 }), MINUTE, settled), 'sound');
  assert.ok(failures.isQuiet(MINUTE));
});

test('a suspect that errs instead of dying is cleared', () => {
  const { failures, end, sendAll } = bench();
  end(whole(makeTask()), 'lost');
  sendAll(() => 'lost');
  assert.equal(failures.setApart(makeTask(), 0, []), 'apart');
  sendAll(() => 'error');
  assert.ok(failures.isQuiet(0));
});

test('a search that would be more than the share, were those that wait or are under way at their end, is not begun', () => {
  const { attempts, underWay, failures, settled, report } = bench();
  const fail = (micros: number): void => failures.observe(report(whole(makeTask({ count: 4 })), 'error', micros), undefined, 0, settled);
  failures.observe(report(whole(makeTask({ count: 4 })), 'done', 10_000), undefined, 0, settled);
  fail(100);
  assert.equal(attempts.searches, 2, 'the free one');
  fail(100);
  assert.equal(attempts.searches, 4, '200 of 10,200 may be');
  const free = attempts.peek();
  assert.ok(free !== undefined);
  attempts.remove(free);
  underWay.push(free);
  fail(200);
  assert.equal(attempts.searches, 3, '800 of 10,400 may not');
  assert.deepEqual(settled.map(({ reason }) => reason), ['batch_failed']);
});
