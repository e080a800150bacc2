import assert from 'node:assert/strict';
import { test } from 'node:test';
import { garbageFor, wrongRowCount } from '../../../../model-containers/synthetic/break-reply.ts';
import { planRows } from '../../../../model-containers/typescript/write-reply.ts';
import type { RowsHeader } from '../../../../protos/wire.ts';
import { FRAME, FrameReader, WireError } from '../../../../protos/wire.ts';

const PLAN = planRows({
  rows: 2,
  columns: [{ name: 'n', dtype: 'uint8', shape: [], bytes: Uint8Array.of(1, 2) }, { name: 'w', dtype: 'bytes', shape: [], bytes: Buffer.from('01000000610000000000', 'hex'), lengths: [5, 5] }],
  failures: [],
});

function rowsOf(bytes: Buffer): RowsHeader | undefined {
  let seen: RowsHeader | undefined;
  new FrameReader(({ kind, header }) => { if (kind === FRAME.rows) seen = header as RowsHeader; }).push(bytes);
  return seen;
}

test('one row too many, one too few', () => {
  const reply = { batch: 1, plan: PLAN, done: { compute_us: 1 } };
  assert.deepEqual(rowsOf(wrongRowCount(reply, false))?.at, [0, 1, 2]);
  const fewer = rowsOf(wrongRowCount(reply, true));
  assert.deepEqual([fewer?.at, fewer?.outputs?.map(({ bytes }) => bytes)], [[0], [1, 5]]);
  const single = planRows({ rows: 1, columns: [], failures: [] });
  assert.equal(rowsOf(wrongRowCount({ ...reply, plan: single }, true)), undefined);
});

test('garbage is no frame', () => {
  assert.throws(() => new FrameReader(() => {}).push(garbageFor(Buffer.alloc(40))), WireError);
});
