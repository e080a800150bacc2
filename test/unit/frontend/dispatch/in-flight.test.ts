import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, Slice } from '../../../../frontend/batching/task.ts';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import { InFlight } from '../../../../frontend/dispatch/in-flight.ts';
import type { BatchTracer } from '../../../../frontend/domain/batch-tracer.ts';
import { outputReader } from '../../../../frontend/domain/output.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { FakeReplica, partOf } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';

const slabs = new SlabArena();

function gather(values: readonly number[]): Gather {
  return new Gather(makeQuery(slabs, { values }), 1_000, { read: outputReader({ kind: 'value' }, 'value', slabs), onDone: () => undefined });
}

function flight(slices: readonly Slice<Gather>[]): { flight: InFlight; replica: FakeReplica; ends: string[] } {
  const replica = new FakeReplica('r');
  const rows = slices.reduce((sum, slice) => sum + slice.count, 0);
  const batch: Batch<Gather> = { id: 1, replica: 'r', slices, rows, sentAtMicros: 0, deadlineAtMicros: 1_000, sloMicros: 1_000, hungAtMicros: 9_000, full: false };
  const ends: string[] = [];
  const made = new InFlight(batch, replica, { answering: () => undefined, ended: (_, end) => ends.push(end.kind) });
  made.send(1_000);
  return { flight: made, replica, ends };
}

test('rows of a batch find their way back to the rows of their queries', () => {
  const a = gather([1, 2, 3]);
  const b = gather([40]);
  const { replica, ends } = flight([{ task: a, first: 1, count: 2 }, { task: b, first: 0, count: 1 }]);
  replica.answer();
  assert.deepEqual(a.rows, [undefined, { source: 'model', output: { kind: 'value', value: 2, dtype: 'float32' } }, { source: 'model', output: { kind: 'value', value: 3, dtype: 'float32' } }]);
  assert.deepEqual(b.rows, [{ source: 'model', output: { kind: 'value', value: 40, dtype: 'float32' } }]);
  assert.deepEqual(ends, ['done']);
});

test('rows that come in any order are those of their queries all the same', () => {
  const values = [[1, 2, 3], [40], [500, 600], [7]];
  const gathers = values.map(gather);
  const { flight: f } = flight(gathers.map((task) => ({ task, first: 0, count: task.count })));
  const sent = values.flat();
  for (const row of [6, 0, 3, 5, 4, 2, 1]) f.row(row, partOf([sent[row] ?? 0]), 0);
  const told = gathers.map(({ rows }) => rows.map((row) => (row !== undefined && 'output' in row && row.output.kind === 'value' ? row.output.value : undefined)));
  assert.deepEqual(told, values);
});

test('what is unanswered is given as slices, without rows that nobody waits for', () => {
  const a = gather([1, 2, 3, 4]);
  const b = gather([5]);
  const c = gather([6]);
  const { flight: f, replica } = flight([{ task: a, first: 0, count: 4 }, { task: b, first: 0, count: 1 }, { task: c, first: 0, count: 1 }]);
  b.abandon();
  replica.answer([0, 2, 3, 4, 5]);
  assert.deepEqual(f.unanswered().map(({ task, first, count }) => [task === a ? 'a' : 'c', first, count]), [['a', 0, 1], ['a', 2, 2], ['c', 0, 1]]);
});

test('a row that answers twice counts once, and a cancel names the rows of the batch', () => {
  const a = gather([1]);
  const b = gather([2, 3]);
  const { flight: f, replica } = flight([{ task: a, first: 0, count: 1 }, { task: b, first: 0, count: 2 }]);
  f.row(0, partOf([7]), 0);
  f.row(0, partOf([8]), 0);
  f.rowFailed(0, { code: 'late', message: 'no' });
  assert.deepEqual(a.rows, [{ source: 'model', output: { kind: 'value', value: 7, dtype: 'float32' } }]);
  f.cancel(b);
  f.cancel(a);
  assert.deepEqual(replica.sent[0]?.cancelled, [1, 2]);
});

test('a replica is told whose work it is: what its queries share, or what a tracer says, who hears of the end', () => {
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 };
  const traced = new Gather({ ...makeQuery(slabs, { values: [1] }), trace }, 1_000, { read: outputReader({ kind: 'value' }, 'value', slabs), onDone: () => undefined });
  const { replica } = flight([{ task: traced, first: 0, count: 1 }]);
  assert.equal(replica.sent[0]?.batch.traceparent, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  const told: string[] = [];
  const tracer: BatchTracer = {
    sent: ({ rows }, { model }) => {
      told.push(`sent ${model} ${rows}`);
      return { context: { ...trace, spanId: '1111111111111111' }, ended: ({ outcome, error }) => void told.push(`${outcome} ${error ?? ''}`) };
    },
  };
  const watched = new FakeReplica('r');
  const batch: Batch<Gather> = { id: 1, replica: 'r', slices: [{ task: traced, first: 0, count: 1 }], rows: 1, sentAtMicros: 0, deadlineAtMicros: 1_000, sloMicros: 1_000, hungAtMicros: 9_000, full: false };
  const made = new InFlight(batch, watched, { answering: () => undefined, ended: () => undefined });
  made.send(1_000, { tracer, model: 'm@1' });
  made.end({ kind: 'lost', message: 'killed' });
  assert.match(watched.sent[0]?.batch.traceparent ?? '', /-1111111111111111-01$/u);
  assert.deepEqual(told, ['sent m@1 1', 'lost killed']);
});
