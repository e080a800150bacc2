import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { tensorEntry } from '../../../../../frontend/grpc/tfs/tensor-writer.ts';
import { decode } from '../../../../support/tfs-messages.ts';

/** The tensor as another codec reads it. */
function written(dtype: Dtype, shape: readonly number[], data: Uint8Array, name = 'y'): unknown {
  const piece = tensorEntry(1, { name, dtype, shape, bytes: data.length, write: (target, at) => target.set(data, at) });
  const message = Buffer.alloc(piece.length + 2, 0xdd);
  assert.equal(piece.write(message, 1), piece.length + 1);
  assert.equal(message.at(-1), 0xdd);
  return (decode('PredictResponse', message.subarray(1, -1))['outputs'] as Record<string, unknown>)[name];
}
const dims = (...sizes: string[]): unknown => ({ dim: sizes.map((size) => (size === '0' ? {} : { size })) });

test('elements lie in the field of their type', () => {
  assert.deepEqual(written('float32', [2], new Uint8Array(Float32Array.of(1, 2).buffer)), { dtype: 'DT_FLOAT', tensorShape: dims('2'), floatVal: [1, 2] });
  assert.deepEqual(written('float64', [1, 1], new Uint8Array(Float64Array.of(0.5).buffer)), { dtype: 'DT_DOUBLE', tensorShape: dims('1', '1'), doubleVal: [0.5] });
  assert.deepEqual(written('bool', [2], Uint8Array.of(1, 0)), { dtype: 'DT_BOOL', tensorShape: dims('2'), boolVal: [true, false] });
  assert.deepEqual(written('int8', [2], Uint8Array.of(0xff, 1)), { dtype: 'DT_INT8', tensorShape: dims('2'), intVal: [-1, 1] });
  assert.deepEqual(written('uint8', [2], Uint8Array.of(0xff, 1)), { dtype: 'DT_UINT8', tensorShape: dims('2'), intVal: [255, 1] });
  assert.deepEqual(written('int16', [2], new Uint8Array(Int16Array.of(-2, 300).buffer)), { dtype: 'DT_INT16', tensorShape: dims('2'), intVal: [-2, 300] });
  assert.deepEqual(written('uint16', [1], new Uint8Array(Uint16Array.of(65_535).buffer)), { dtype: 'DT_UINT16', tensorShape: dims('1'), intVal: [65_535] });
  assert.deepEqual(written('int32', [2], new Uint8Array(Int32Array.of(-3, 3).buffer)), { dtype: 'DT_INT32', tensorShape: dims('2'), intVal: [-3, 3] });
  assert.deepEqual(written('uint32', [1], new Uint8Array(Uint32Array.of(4_294_967_295).buffer)), { dtype: 'DT_UINT32', tensorShape: dims('1'), uint32Val: [4_294_967_295] });
  assert.deepEqual(written('int64', [2], new Uint8Array(BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n).buffer)), { dtype: 'DT_INT64', tensorShape: dims('2'), int64Val: ['-9223372036854775808', '9007199254740993'] });
  assert.deepEqual(written('uint64', [1], new Uint8Array(BigUint64Array.of(2n ** 64n - 1n).buffer)), { dtype: 'DT_UINT64', tensorShape: dims('1'), uint64Val: ['18446744073709551615'] });
  assert.deepEqual(written('float16', [1], Uint8Array.of(0, 0x3c)), { dtype: 'DT_HALF', tensorShape: dims('1'), halfVal: [0x3c00] });
  assert.deepEqual(written('bfloat16', [1], Uint8Array.of(0x80, 0x3f)), { dtype: 'DT_BFLOAT16', tensorShape: dims('1'), halfVal: [0x3f80] });
});

test('strings one by one; no elements, no field; long names and many extents', () => {
  assert.deepEqual(written('bytes', [2], Uint8Array.of(1, 0, 0, 0, 0x61, 0, 0, 0, 0)), { dtype: 'DT_STRING', tensorShape: dims('2'), stringVal: [Buffer.from('a').toString('base64'), ''] });
  assert.deepEqual(written('float32', [0, 2], new Uint8Array()), { dtype: 'DT_FLOAT', tensorShape: dims('0', '2') });
  assert.deepEqual(written('int32', [0], new Uint8Array()), { dtype: 'DT_INT32', tensorShape: dims('0') });
  const name = 'é'.repeat(100);
  assert.deepEqual(written('uint8', Array.from({ length: 40 }, () => 1), Uint8Array.of(7), name), { dtype: 'DT_UINT8', tensorShape: dims(...Array.from({ length: 40 }, () => '1')), intVal: [7] });
});
