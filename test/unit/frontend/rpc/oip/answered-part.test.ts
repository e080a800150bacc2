import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partOf, type AnsweredBatch } from '../../../../../frontend/rpc/oip/answered-part.ts';
import type { AnsweredTensor } from '../../../../../frontend/rpc/oip/server.ts';

const TWO_ROWS: AnsweredBatch = { rows: 2, unbatched: false, outputs: [] };
const payload = Buffer.from([9, 1, 0, 0, 0, 65, 0, 0, 0, 0, 1, 0, 0, 0, 66, 0, 0, 0, 0]);

function tensor(more: Partial<AnsweredTensor>): AnsweredTensor {
  return { name: 'y', datatype: 'UINT8', shape: [2, 4], offset: 1, bytes: 8, ...more };
}

test('numbers of a row lie where its number says, texts where their lengths say', () => {
  assert.deepEqual(partOf({ payload, tensors: [tensor({})] }, TWO_ROWS), { payload, columns: [{ part: { name: 'y', dtype: 'uint8', shape: [4], bytes: 8 }, offset: 1, rowBytes: 4 }] });
  const texts = partOf({ payload, tensors: [tensor({ datatype: 'BYTES', shape: [2, 2], bytes: 18 })] }, TWO_ROWS);
  assert.ok(typeof texts === 'object');
  assert.deepEqual(texts.columns[0]?.spans, { offsets: [1, 10], lengths: [9, 9] });
});

test('without a batch dimension the whole answer is the one row\'s', () => {
  const part = partOf({ payload, tensors: [tensor({ shape: [2, 4] })] }, { rows: 1, unbatched: true, outputs: [] });
  assert.ok(typeof part === 'object');
  assert.deepEqual([part.columns[0]?.part.shape, part.columns[0]?.rowBytes], [[2, 4], 8]);
});

const misfits: readonly (readonly [Partial<AnsweredTensor>, RegExp])[] = [
  [{ datatype: 'FP8' }, /^output "y" is of datatype "FP8"/],
  [{ shape: [3, 4] }, /in the answer to 2 rows$/],
  [{ shape: [] }, /in the answer to 2 rows$/],
  [{ shape: [2, -4] }, /^output "y" has the shape \[2, -4\]$/],
  [{ bytes: 7 }, /and 7 bytes; expected 8$/],
  [{ datatype: 'BYTES', shape: [2, 2], bytes: 17 }, /its 17 bytes are not 4 elements$/],
  [{ datatype: 'BYTES', shape: [2, 1_000_000_000], bytes: 18 }, /are not 2000000000 elements$/],
  [{ datatype: 'BYTES', shape: [2, 1], bytes: 18 }, /are not 2 elements$/],
];
for (const [more, message] of misfits) {
  test(`an output of ${JSON.stringify(more)} is no answer to two rows`, () => {
    const fault = partOf({ payload, tensors: [tensor(more)] }, TWO_ROWS);
    assert.ok(typeof fault === 'string');
    assert.match(fault, message);
  });
}

test('the signature is held against what came', () => {
  const outputs = [{ name: 'z', dtype: 'uint8' as const, shape: [4] }];
  assert.equal(partOf({ payload, tensors: [tensor({})] }, { ...TWO_ROWS, outputs }), 'an output "y" that the signature has not');
  assert.equal(partOf({ payload, tensors: [] }, TWO_ROWS), 'an answer without outputs');
});
