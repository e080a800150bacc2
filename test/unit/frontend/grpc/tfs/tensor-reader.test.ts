import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTensorHead } from '../../../../../frontend/grpc/tfs/tensor-head.ts';
import { readColumn } from '../../../../../frontend/grpc/tfs/tensor-reader.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { encode } from '../../../../support/tfs-messages.ts';

const slabs = new SlabArena({ poison: true });
const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };

function shape(...extents: number[]): Record<string, unknown> {
  return { dim: extents.map((size) => ({ size })) };
}

/** The column's rows, shape and bytes, or the refusal; nothing is held afterwards. */
function read(tensor: Record<string, unknown>, spec: TensorSpec = X, maxBytes = 1000): string {
  const message = encode('tensorflow.TensorProto', tensor);
  const result = readColumn(message, readTensorHead(message, { from: 0, length: message.length }), spec, { slabs, maxRows: 3, maxBytes });
  if ('code' in result) {
    assert.equal(slabs.usedSlabs, 0);
    return `${result.code}: ${result.message}`;
  }
  const { slab, offset, rowBytes, shape: row } = result.column;
  const hex = Buffer.from(slab.bytes.subarray(offset, offset + result.rows * rowBytes)).toString('hex');
  slabs.release(slab);
  return `${result.rows} [${row.join(',')}] ${hex}`;
}

test('raw contents and values are the same elements', () => {
  const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
  assert.equal(read({ dtype: 1, tensorShape: shape(2, 2), tensorContent: bytes }), `2 [2] ${bytes.toString('hex')}`);
  assert.equal(read({ dtype: 1, tensorShape: shape(2, 2), floatVal: [1, 2, 3, 4] }), `2 [2] ${bytes.toString('hex')}`);
});

test('open extents take what came; a scalar does for one element', () => {
  assert.equal(read({ dtype: 4, tensorShape: shape(1, 3), intVal: [1, 2, 3] }, { name: 'x', dtype: 'uint8', shape: [-1] }), '1 [3] 010203');
  assert.equal(read({ dtype: 4, tensorShape: shape(2), intVal: [1, 2] }, { name: 'x', dtype: 'uint8', shape: [1] }), '2 [1] 0102');
});

test('what does not fit is refused, and nothing is held', () => {
  assert.match(read({ dtype: 2, tensorShape: shape(1, 2) }), /^wrong_dtype: .*expected to be DT_FLOAT but DT_DOUBLE is provided/);
  assert.match(read({ dtype: 8, tensorShape: shape(1, 2) }), /^wrong_dtype: .*but type 8 is provided/);
  assert.match(read({ dtype: 1, tensorShape: { unknownRank: true } }), /^wrong_shape: .*no shape information/);
  assert.match(read({ dtype: 1 }), /^wrong_shape/);
  assert.match(read({ dtype: 1, tensorShape: shape(1, 3) }), /^wrong_shape: .*\[1,3\] expecting: \[\?,2\]/);
  assert.match(read({ dtype: 1, tensorShape: shape(1, 1, 2) }), /^wrong_shape/);
  assert.match(read({ dtype: 1, tensorShape: shape(-1, 2) }), /^wrong_shape/);
  assert.match(read({ dtype: 1, tensorShape: shape(0, 2) }), /^empty_inputs/);
  assert.match(read({ dtype: 1, tensorShape: shape(4, 2) }), /^too_many_rows/);
  assert.match(read({ dtype: 1, tensorShape: shape(3, 2 ** 40), floatVal: [1] }, { ...X, shape: [-1] }), /^body_too_large/);
  assert.match(read({ dtype: 1, tensorShape: shape(1, 2), tensorContent: Buffer.alloc(7) }), /^wrong_shape: .*7 bytes of tensor_content/);
  assert.match(read({ dtype: 10, tensorShape: shape(1, 2), tensorContent: Buffer.of(1, 2) }, { ...X, dtype: 'bool' }), /^wrong_dtype: .*neither 0 nor 1/);
  assert.match(read({ dtype: 1, tensorShape: shape(1, 2), floatVal: [1, 2, 3] }), /^wrong_dtype: .*more values/);
});

test('broken bytes are told from others, and hold nothing', () => {
  const message = encode('tensorflow.TensorProto', { dtype: 3, tensorShape: shape(1, 2), intVal: [1, 2] });
  message[message.length - 1] = 0xff;
  const head = readTensorHead(message, { from: 0, length: message.length });
  assert.throws(() => readColumn(message, head, { ...X, dtype: 'int32' }, { slabs, maxRows: 3, maxBytes: 100 }), /protobuf/);
  assert.equal(slabs.usedSlabs, 0);
  assert.throws(() => readTensorHead(message, { from: 0, length: message.length - 1 }), /protobuf/);
});
