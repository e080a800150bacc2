import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputColumn } from '../../../../model-containers/typescript/check-outputs.ts';
import { planRows, writeReply } from '../../../../model-containers/typescript/write-reply.ts';
import { parseDone, parseRows } from '../../../../protos/parse-headers.ts';
import { FRAME, FrameReader } from '../../../../protos/wire.ts';

const NUMBERS: OutputColumn = { name: 'n', dtype: 'uint8', shape: [], bytes: Uint8Array.of(1, 2, 3) };
const WORDS: OutputColumn = { name: 'w', dtype: 'bytes', shape: [], bytes: Buffer.from('010000006100000000020000006263', 'hex'), lengths: [5, 4, 6] };

function frames(bytes: Buffer): { kind: number; batch: number; header: unknown; payload: Buffer }[] {
  const seen: ReturnType<typeof frames> = [];
  new FrameReader(({ kind, batch, header, payload }) => seen.push({ kind, batch, header, payload: Buffer.from(payload) })).push(bytes);
  return seen;
}

function reply(plan: ReturnType<typeof planRows>): ReturnType<typeof frames> {
  const bytes = writeReply(9, plan, { compute_us: 5, credit: 1 }, (size) => Buffer.alloc(size + 100, 0xee));
  const read = frames(bytes);
  const done = read.pop();
  assert.equal(done?.kind, FRAME.done);
  assert.deepEqual(parseDone(done.header), { compute_us: 5, credit: 1 });
  for (const { batch } of [...read, done]) assert.equal(batch, 9);
  return read;
}

test('all rows in one frame, tensors aligned, the gap zero whatever was in the buffer', () => {
  const [rows] = reply(planRows({ rows: 3, columns: [NUMBERS, WORDS], failures: [] }));
  assert.deepEqual(parseRows(rows?.header, rows?.payload.length ?? 0, 3), {
    at: [0, 1, 2],
    outputs: [{ name: 'n', dtype: 'uint8', shape: [], bytes: 3 }, { name: 'w', dtype: 'bytes', shape: [], bytes: 15, lengths: [5, 4, 6] }],
  });
  assert.equal(rows?.payload.toString('hex'), `0102030000000000${Buffer.from(WORDS.bytes).toString('hex')}`);
});

test('a row that failed is not sent', () => {
  const failures = [{ row: 1, code: 'bad_input', message: 'no' }];
  const [rows] = reply(planRows({ rows: 3, columns: [NUMBERS, WORDS], failures }));
  const header = parseRows(rows?.header, rows?.payload.length ?? 0, 3);
  assert.deepEqual([header.at, header.errors, header.outputs?.map(({ bytes }) => bytes)], [[0, 2], failures, [2, 11]]);
  assert.equal(rows?.payload.toString('hex'), '01030000000000000100000061020000006263');
});

test('all rows failed: a frame of errors only; no rows: done alone', () => {
  const failures = [0, 1, 2].map((row) => ({ row, code: 'x', message: '' }));
  const [rows] = reply(planRows({ rows: 3, columns: [], failures }));
  assert.deepEqual(rows?.header, { at: [], errors: failures });
  assert.deepEqual(reply(planRows({ rows: 0, columns: [], failures: [] })), []);
});

test('many bytes are spread over frames', () => {
  const bytes = new Uint8Array(5 * 12 * 1024 * 1024).fill(7);
  const plan = planRows({ rows: 5, columns: [{ name: 'y', dtype: 'uint8', shape: [12 * 1024 * 1024], bytes }], failures: [] });
  assert.deepEqual(plan.frames.map(({ rows }) => rows), [[0, 1], [2, 3], [4]]);
});

test('a row larger than a frame is refused', () => {
  const column: OutputColumn = { name: 'y', dtype: 'bytes', shape: [], bytes: new Uint8Array(0), lengths: [2 ** 28] };
  assert.throws(() => planRows({ rows: 1, columns: [column], failures: [] }), { code: 'invalid_output', message: /row 0 has 268435456 bytes/ });
});
