import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import { Twin, TwinRow, type TwinOwner } from '../../../../frontend/dispatch/twin.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { partOf } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';

const slabs = new SlabArena();
const QUERY = makeQuery(slabs, { values: [1, 2, 3] });
const read = (): string => 'not read here';

function gatherOf(deadlineAtMicros: number, more: { priority?: number; weight?: number } = {}): Gather {
  return new Gather(QUERY, deadlineAtMicros, { read, onDone: () => undefined, ...more });
}

/** Writes down what it is told. */
class Owner implements TwinOwner {
  readonly told: string[] = [];
  answered(_twin: Twin, row: TwinRow): void {
    row.settled = true;
    this.told.push(`answered ${row.row}`);
  }
  failed(_twin: Twin, row: TwinRow): void {
    row.settled = true;
    this.told.push(`failed ${row.row}`);
  }
  missed(_twin: Twin, rows: readonly TwinRow[], { reason }: { reason: string }): void {
    this.told.push(`${reason} ${rows.map(({ row }) => row).join()}`);
  }
  left(row: TwinRow): number {
    this.told.push(`left ${row.row}`);
    return 1;
  }
}

test('its deadline is the earliest of those who wait', () => {
  const owner = new Owner();
  const rows = [new TwinRow(1, owner), new TwinRow(2, owner)];
  rows[0]?.add(gatherOf(500), 0);
  rows[1]?.add(gatherOf(300), 1);
  const twin = new Twin(rows, { query: QUERY, read, owner });
  assert.deepEqual([twin.first, twin.count, twin.deadlineAtMicros, twin.waiting, twin.open], [1, 2, 300, 2, 2]);
  rows[0]?.add(gatherOf(100), 0);
  assert.equal(twin.waiting, 3);
});

test('its priority is the highest of those who wait, with the greatest weight among these', () => {
  const owner = new Owner();
  const row = new TwinRow(1, owner);
  const of = (): [number, number] => {
    const { priority, weight } = new Twin([row], { query: QUERY, read, owner });
    return [priority, weight];
  };
  assert.deepEqual(of(), [1, 1]);
  row.add(gatherOf(1, { priority: 2, weight: 9 }), 0);
  assert.deepEqual(of(), [2, 9]);
  for (const weight of [2, 5, 3]) row.add(gatherOf(1, { priority: 0, weight }), 0);
  row.add(gatherOf(1, { weight: 7 }), 0);
  assert.deepEqual(of(), [0, 5]);
});

test('each row is told once, by its number in the query; a row that has gone to another task is no longer told', () => {
  const owner = new Owner();
  const rows = [new TwinRow(1, owner), new TwinRow(2, owner)];
  const twin = new Twin(rows, { query: QUERY, read, owner });
  assert.deepEqual([0, 1, 2, 3].map((row) => twin.wants(row)), [false, true, true, false]);
  twin.answered(1, partOf([1]), 0);
  twin.answered(1, partOf([1]), 0);
  twin.failed(1, { code: 'x', message: 'y' });
  twin.missed(1, 2, { reason: 'replica_failed' });
  const [, second] = rows;
  assert.ok(second);
  const next = new Twin([second], { query: QUERY, read, owner });
  twin.failed(2, { code: 'x', message: 'y' });
  next.failed(2, { code: 'x', message: 'y' });
  assert.deepEqual(owner.told, ['answered 1', 'replica_failed 2', 'failed 2']);
});

test('who leaves is no longer waited for, in each place where it waited', () => {
  const owner = new Owner();
  const row = new TwinRow(1, owner);
  const twin = new Twin([row], { query: QUERY, read, owner });
  const [stays, leaves] = [gatherOf(500), gatherOf(400)];
  row.add(leaves, 0);
  row.add(stays, 2);
  row.add(leaves, 1);
  assert.equal(row.leave(leaves), 1);
  assert.deepEqual([row.waiters.map((waiter) => waiter.gather === stays), twin.waiting, owner.told], [[true], 1, ['left 1']]);
});
