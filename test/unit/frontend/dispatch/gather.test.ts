import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areAnswered, Gather, isMiss } from '../../../../frontend/dispatch/gather.ts';
import { outputReader } from '../../../../frontend/domain/output.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { partOf } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';

const slabs = new SlabArena();

function gather(values: readonly number[]): { gather: Gather; done: () => number } {
  let done = 0;
  const made = new Gather(makeQuery(slabs, { values }), 1_000, { read: outputReader({ kind: 'value' }, 'value', slabs), onDone: () => done++ });
  return { gather: made, done: () => done };
}

test('says once that it is done, when the last row has settled, whatever comes after', () => {
  const { gather: g, done } = gather([1, 2, 3]);
  g.answered(1, partOf([10, 20]), 1);
  g.failed(0, { code: 'bad_input', message: 'too dark' });
  assert.equal(done(), 0);
  g.missed(0, 3, { reason: 'expired_in_queue' });
  assert.equal(done(), 1);
  g.answered(2, partOf([1]), 0);
  g.missed(0, 3, { reason: 'no_replica' });
  assert.equal(done(), 1);
  assert.deepEqual(g.rows, [
    { reason: 'row_failed', text: 'bad_input: too dark' },
    { source: 'model', output: { kind: 'value', value: 20, dtype: 'float32' } },
    { reason: 'expired_in_queue' },
  ]);
});

test('an output that the kind does not allow is a miss that says what is wrong', () => {
  const { gather: g, done } = gather([1]);
  g.answered(0, partOf([Number.NaN]), 0);
  assert.equal(done(), 1);
  const row = g.rows[0];
  assert.ok(row !== undefined && isMiss(row) && row.reason === 'invalid_output' && row.text === 'value is NaN');
});

test('its rows are answered once each has an answer, and never where one missed', () => {
  const { gather: g } = gather([1, 2]);
  g.answered(1, partOf([1]), 0);
  assert.ok(!areAnswered(g.rows));
  g.answered(0, partOf([1]), 0);
  assert.ok(areAnswered(g.rows));
  const { gather: other } = gather([1, 2]);
  other.answered(0, partOf([1]), 0);
  other.failed(1, { code: 'bad_input', message: 'too dark' });
  assert.ok(!areAnswered(other.rows));
});

test('a row takes an answer from elsewhere once, while it waits', () => {
  const { gather: g, done } = gather([1]);
  g.given(0, { source: 'model', output: { kind: 'value', value: 3 }, cached: true });
  assert.deepEqual([done(), g.rows], [1, [{ source: 'model', output: { kind: 'value', value: 3 }, cached: true }]]);
  assert.throws(() => g.given(0, { source: 'model', output: { kind: 'value', value: 4 } }), RangeError);
});

test('once abandoned it wants nothing and says nothing', () => {
  const { gather: g, done } = gather([1, 2]);
  g.answered(0, partOf([1]), 0);
  g.abandon();
  assert.ok(g.done && !g.wants(1));
  g.answered(1, partOf([1]), 0);
  assert.equal(done(), 0);
});
