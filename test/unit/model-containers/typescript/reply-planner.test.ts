import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { OutputColumn } from '../../../../model-containers/typescript/check-outputs.ts';
import { ReplyPlanner } from '../../../../model-containers/typescript/reply-planner.ts';
import { planRows, writeReply, type AnsweredRows } from '../../../../model-containers/typescript/write-reply.ts';

const column = (rows: number, change: Partial<OutputColumn> = {}): OutputColumn => ({ name: 'y', dtype: 'float32', shape: [2], bytes: new Uint8Array(rows * 8).fill(rows), ...change });
const bytesOf = (answered: AnsweredRows, plan = planRows(answered)): string => writeReply(3, plan, { compute_us: 5 }, (bytes) => Buffer.alloc(bytes)).toString('hex');

/** Every one of these is planned right after each other, so that what one of them left behind meets all the others. */
const ANSWERS: readonly AnsweredRows[] = [
  { rows: 4, columns: [column(4)], failures: [] },
  { rows: 4, columns: [column(4, { bytes: new Uint8Array(32).fill(9) })], failures: [] },
  { rows: 4, columns: [column(4, { name: 'z' })], failures: [] },
  { rows: 4, columns: [column(4, { dtype: 'int32' })], failures: [] },
  { rows: 4, columns: [column(4, { shape: [1, 2] })], failures: [] },
  { rows: 4, columns: [column(4, { shape: [2, 1] })], failures: [] },
  { rows: 4, columns: [column(4, { shape: [4], bytes: new Uint8Array(64) })], failures: [] },
  { rows: 4, columns: [column(4), column(4, { name: 'z' })], failures: [] },
  { rows: 4, columns: [column(4)], failures: [{ row: 2, code: 'model_error', message: 'no' }] },
  { rows: 4, columns: [], failures: [0, 1, 2, 3].map((row) => ({ row, code: 'model_error', message: 'no' })) },
  { rows: 4, columns: [{ name: 'y', dtype: 'bytes', shape: [], bytes: new Uint8Array(32), lengths: [8, 8, 8, 8] }], failures: [] },
  { rows: 4, columns: [{ name: 'y', dtype: 'bytes', shape: [], bytes: new Uint8Array(32), lengths: [7, 9, 8, 8] }], failures: [] },
  { rows: 2, columns: [column(2)], failures: [] },
];

test('a reply has the same bytes, whichever replies were planned before it', () => {
  const planner = new ReplyPlanner();
  for (const before of ANSWERS) {
    for (const answered of ANSWERS) {
      planner.plan(before);
      assert.equal(bytesOf(answered, planner.plan(answered)), bytesOf(answered));
    }
  }
});

test('an answer like the last of as many rows is not planned again', () => {
  const planner = new ReplyPlanner();
  const [first] = planner.plan({ rows: 4, columns: [column(4)], failures: [] }).frames;
  planner.plan({ rows: 2, columns: [column(2)], failures: [] });
  assert.equal(planner.plan({ rows: 4, columns: [column(4)], failures: [] }).frames[0], first);
  planner.plan({ rows: 4, columns: [column(4)], failures: [{ row: 1, code: 'model_error', message: 'no' }] });
  assert.equal(planner.plan({ rows: 4, columns: [column(4)], failures: [] }).frames[0], first);
});

test('of many sizes only so many are remembered', () => {
  const planner = new ReplyPlanner();
  const plan = (rows: number) => planner.plan({ rows, columns: [column(rows)], failures: [] }).frames[0];
  const first = plan(1);
  for (let rows = 2; rows <= 65; rows++) plan(rows);
  assert.notEqual(plan(1), first);
  assert.equal(plan(65), plan(65));
});
