import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineQueue } from '../../frontend/batching/deadline-queue.ts';
import { makeTask } from '../support/batch-tasks.ts';
import type { TestTask } from '../support/batch-tasks.ts';
import { SEED, seeded } from '../support/random.ts';

interface Row { readonly task: TestTask; readonly row: number }

const steps = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), deadline: fc.nat(50), count: fc.integer({ min: 1, max: 5 }), key: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), rows: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'head' as const), pick: fc.nat(1000) }) },
), { maxLength: 120 });

test(seeded('the queue gives what a sorted list of rows gives: earliest deadline first, first come first, one key a batch'), () => {
  fc.assert(fc.property(steps, (run) => {
    const queue = new DeadlineQueue<TestTask>({ maxLanes: 10 });
    let rows: Row[] = [];
    const pushed: TestTask[] = [];
    for (const step of run) {
      // A stable sort: equal deadlines stay in the order in which they came.
      rows = rows.toSorted((a, b) => a.task.deadlineAtMicros - b.task.deadlineAtMicros);
      const head = rows[0]?.task;
      if (step.kind === 'push') {
        const task = makeTask({ count: step.count, deadlineAtMicros: step.deadline, batchKey: step.key });
        queue.push(task);
        pushed.push(task);
        for (let row = 0; row < step.count; row++) rows.push({ task, row });
      } else if (step.kind === 'take') {
        const wanted = rows.filter(({ task }) => task.query.batchKey === head?.query.batchKey).slice(0, step.rows);
        const taken = queue.takeBatch({ rows: step.rows, from: -Infinity, byTier: false }).flatMap(({ task, first, count }) => Array.from({ length: count }, (_, i) => ({ task, row: first + i })));
        assert.ok(taken.length === wanted.length && taken.every(({ task, row }, i) => task === wanted[i]?.task && row === wanted[i]?.row));
        rows = rows.filter((row) => !wanted.includes(row));
      } else if (step.kind === 'head') {
        assert.equal(queue.takeHead()?.task, head);
        rows = rows.filter(({ task }) => task !== head);
      } else if (pushed.length > 0) {
        const task = pushed[step.pick % pushed.length];
        assert.equal(task === undefined ? -1 : queue.cancel(task), rows.filter((row) => row.task === task).length);
        rows = rows.filter((row) => row.task !== task);
      }
      assert.equal(queue.rows, rows.length);
      assert.equal(queue.tasks, new Set(rows.map(({ task }) => task)).size);
      assert.equal(queue.lanes, new Set(rows.map(({ task }) => task.query.batchKey)).size);
      assert.equal(queue.headDeadlineAtMicros, Math.min(Infinity, ...rows.map(({ task }) => task.deadlineAtMicros)));
    }
  }), { seed: SEED, numRuns: 400 });
});
