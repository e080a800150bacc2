import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fits, rowValues, sampleRows } from '../../../../../frontend/cli/container-test/sample-rows.ts';
import { DTYPE_BYTES, DTYPES } from '../../../../../protos/dtype.ts';
import { parseBatch } from '../../../../../protos/parse-headers.ts';
import { FrameReader, type TensorSpec } from '../../../../../protos/wire.ts';
import { batchFrame } from '../../../../../frontend/cli/container-test/broker-link.ts';

const every: TensorSpec[] = [...DTYPES.map((dtype) => ({ name: dtype, dtype, shape: [2] })), { name: 'r', dtype: 'int16', shape: [-1, 2], ragged: true }, { name: 'rb', dtype: 'bytes', shape: [-1], ragged: true }];

test('rows of any signature, zeros or patterns, are batches that the production parser takes', () => {
  for (const patterned of [false, true]) {
    for (const rows of [1, 2, 9]) {
      let seen = 0;
      new FrameReader(({ header, payload }) => {
        const { inputs } = parseBatch(header, payload.length);
        for (const [i, part] of inputs.entries()) for (const shape of part.shapes ?? [part.shape]) assert.ok(fits(shape, every[i]?.shape ?? []));
        seen = inputs.length;
      }).push(batchFrame(1, rows, sampleRows(every, rows, { patterned })));
      assert.equal(seen, every.length);
    }
  }
});

test('patterns differ from row to row, and a bool stays one', () => {
  for (const { dtype, data, lengths } of sampleRows(every, 2, { patterned: true })) {
    const first = lengths?.[0] ?? data.length / 2;
    assert.notDeepEqual(data.subarray(0, first), data.subarray(first), dtype);
    if (dtype === 'bool') assert.ok(data.every((byte) => byte < 2));
  }
});

test('values are written in each dtype, with the shape that they have', () => {
  for (const dtype of DTYPES.filter((one) => one !== 'bytes')) {
    const [tensor] = sampleRows([{ name: 'x', dtype, shape: [-1] }], 1, { values: [{ x: [1, 0, 1] }] });
    assert.deepEqual([tensor?.shape, tensor?.data.length], [[3], 3 * DTYPE_BYTES[dtype]]);
    assert.ok(tensor?.data.some((byte) => byte !== 0) === true && tensor.data.subarray(DTYPE_BYTES[dtype], 2 * DTYPE_BYTES[dtype]).every((byte) => byte === 0), dtype);
  }
  const [texts] = sampleRows([{ name: 't', dtype: 'bytes', shape: [] }], 2, { values: [{ t: 'ab' }, { t: '' }] });
  assert.deepEqual([texts?.lengths, [...texts?.data ?? []]], [[6, 4], [2, 0, 0, 0, 97, 98, 0, 0, 0, 0]]);
  const [filled] = sampleRows([{ name: 'x', dtype: 'uint8', shape: [2, 2] }], 1, { values: [{ x: 13 }] });
  assert.deepEqual([...filled?.data ?? []], [13, 13, 13, 13]);
});

test('values that do not fit are refused in words', () => {
  const x: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
  for (const [spec, value, message] of [[x, [1, 2, 3], /shape \[3\]/u], [x, ['a', 1], /no number/u], [{ ...x, shape: [2, 2] }, [[1, 2], [3]], /unevenly/u], [{ ...x, dtype: 'bytes' as const }, [1, 2], /no text/u]] as const) {
    assert.throws(() => sampleRows([spec], 1, { values: [{ x: value }] }), message);
  }
  assert.throws(() => sampleRows([{ ...x, shape: [-1] }], 2, { values: [{ x: [1] }, { x: [1, 2] }] }), /not ragged/u);
});

test('a row is given by input names, or bare where there is one', () => {
  const x: TensorSpec = { name: 'x', dtype: 'float32', shape: [] };
  assert.deepEqual(rowValues([x], 5), { x: 5 });
  assert.deepEqual(rowValues([x], { x: 5 }), { x: 5 });
  assert.throws(() => rowValues([x, { ...x, name: 'y' }], 5), /needs the inputs x, y/u);
});
