import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../../protos/wire.ts';
import { FRAME, FrameReader, PREFIX_BYTES, frameBytes, writeFrameHead } from '../../../../protos/wire.ts';
import type { PlannedInput } from '../../../../frontend/rpc/batch-header.ts';
import { fillTemplate, HeaderTemplates, makeTemplate, packVarying } from '../../../../frontend/rpc/batch-header.ts';
import { batchOf, pairQuery, queryOf, pairRow } from '../../../support/batches.ts';

function read(header: Uint8Array, fill: (target: Buffer) => void = () => {}): unknown {
  const frame = Buffer.alloc(frameBytes(header.length, 0));
  writeFrameHead(frame, FRAME.batch, 1, header, 0);
  fill(frame);
  const frames: Frame[] = [];
  new FrameReader((one) => frames.push(one)).push(frame);
  return frames[0]?.header;
}
const plan = (shape: readonly number[]): PlannedInput[] => {
  const [column] = queryOf([{ name: 'x', dtype: 'float32', shape, rows: [pairRow(1)] }]).columns;
  if (column === undefined) throw new Error('no column');
  return [{ column, bytes: 16, rowBytes: 8 }];
};

test('a filled template reads as the header would, packed anew', () => {
  const inputs = plan([2]);
  const template = makeTemplate('k', inputs);
  assert.ok(template);
  const batch = batchOf(pairQuery(1, 2));
  const inputsRead = [{ name: 'x', dtype: 'float32', shape: [2], bytes: 16 }];
  assert.deepEqual(read(template.packed, (frame) => fillTemplate(template, frame, PREFIX_BYTES, { batch, inputs })), { rows: 2, budget_us: 50_000, inputs: inputsRead });
  assert.deepEqual(read(packVarying({ batch, inputs }, new Map())), { rows: 2, budget_us: 50_000, inputs: inputsRead });
});

test('where the payload lies in shared memory, both say from which byte on', () => {
  const inputs = plan([2]);
  const template = makeTemplate('k', inputs, true);
  assert.ok(template);
  const batch = batchOf(pairQuery(1, 2));
  const header = { rows: 2, budget_us: 50_000, inputs: [{ name: 'x', dtype: 'float32', shape: [2], bytes: 16 }], shared: 8192 };
  assert.deepEqual(read(template.packed, (frame) => fillTemplate(template, frame, PREFIX_BYTES, { batch, inputs, shared: 8192 })), header);
  assert.deepEqual(read(packVarying({ batch, inputs, shared: 8192 }, new Map())), header);
});

test('one template serves all batches of a kind, and kinds without end take no memory without end', () => {
  const templates = new HeaderTemplates({ shared: false });
  const first = templates.of('k', plan([2]));
  assert.equal(templates.of('k', plan([2])), first);
  for (let kind = 0; kind < 64; kind++) assert.equal(templates.of(`k${kind}`, plan([2]))?.batchKey, `k${kind}`);
  assert.notEqual(templates.of('k', plan([2])), first, 'it was forgotten');
});

test('a shape that packs to the placeholder has no template', () => {
  assert.equal(makeTemplate('k', plan([206, -1, -1, -1, -1])), undefined);
});

test('what is overdue has no budget left, and what is far off fits its 32 bits', () => {
  const budget = (budgetMicros: number): unknown => (read(packVarying({ batch: { ...batchOf(pairQuery(1)), budgetMicros }, inputs: plan([2]) }, new Map())) as { budget_us: number }).budget_us;
  assert.deepEqual([budget(-5), budget(1.5), budget(1e12)], [0, 1, 0xffff_fffe]);
});

test('whose work it is stands in the header, where it was said', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  assert.equal((read(packVarying({ batch: { ...batchOf(pairQuery(1)), traceparent }, inputs: plan([2]) }, new Map())) as { traceparent: string }).traceparent, traceparent);
});
