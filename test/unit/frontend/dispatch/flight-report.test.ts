import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../../frontend/batching/task.ts';
import { reportOf } from '../../../../frontend/dispatch/flight-report.ts';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import { InFlight } from '../../../../frontend/dispatch/in-flight.ts';
import { outputReader } from '../../../../frontend/domain/output.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { FakeReplica } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';

/** A batch of three rows, all answered but these. */
function flight(leftOut: readonly number[]): InFlight {
  const slabs = new SlabArena();
  const task = new Gather(makeQuery(slabs, { values: [1, 2, 3] }), 1_000, { read: outputReader({ kind: 'value' }, 'value', slabs), onDone: () => undefined });
  const batch: Batch<Gather> = { id: 1, replica: 'r', slices: [{ task, first: 0, count: 3 }], rows: 3, sentAtMicros: 0, deadlineAtMicros: 1_000, sloMicros: 1_000, hungAtMicros: 9_000, full: false };
  const replica = new FakeReplica('r');
  const made = new InFlight(batch, replica, { answering: () => undefined, ended: () => undefined });
  made.send(1_000);
  replica.answer(leftOut);
  return made;
}

test('a batch that was answered whole is done, with what its container says it took', () => {
  const report = reportOf(flight([]), { kind: 'done', computeMicros: 70 }, 90);
  assert.deepEqual([report.outcome, report.endedAtMicros, report.computeMicros, report.unanswered.length, report.stoodStill], ['done', 90, 70, 0, undefined]);
  const still = flight([]);
  still.stoodStill = true;
  assert.equal(reportOf(still, { kind: 'done' }, 90).stoodStill, true);
});

test('rows that were left out make an error of it, as do the words of its container', () => {
  const left = reportOf(flight([1, 2]), { kind: 'done' }, 90);
  assert.deepEqual([left.outcome, left.error, left.unanswered.map(({ first, count }) => [first, count])], ['error', { code: 'rows_missing', message: 'the container left 2 of 3 rows unanswered' }, [[1, 2]]]);
  const failed = reportOf(flight([0, 1, 2]), { kind: 'done', error: { code: 'model_error', message: 'no' } }, 90);
  assert.deepEqual([failed.outcome, failed.error?.message], ['error', 'no']);
});

test('one that was lost is lost, or hung where its replica was given up before', () => {
  const lost = flight([0, 1, 2]);
  assert.equal(reportOf(lost, { kind: 'lost', message: 'gone' }, 90).outcome, 'lost');
  lost.hung = true;
  assert.equal(reportOf(lost, { kind: 'lost', message: 'gone' }, 90).outcome, 'hung');
});
