import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTyped } from '../../../../../frontend/grpc/tfs/typed-values.ts';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { encode } from '../../../../support/tfs-messages.ts';

function fill(dtype: Exclude<Dtype, 'bytes'>, bytes: number, tensor: Record<string, unknown>): string {
  const message = encode('tensorflow.TensorProto', tensor);
  const target = new DataView(new Uint8Array(bytes).fill(0xdd).buffer);
  return fillTyped(message, { from: 0, length: message.length }, dtype, target) ?? Buffer.from(target.buffer).toString('hex');
}

test('each type has its field', () => {
  assert.equal(fill('float32', 8, { floatVal: [1, 2] }), '0000803f00000040');
  assert.equal(fill('float64', 8, { doubleVal: [1] }), '000000000000f03f');
  assert.equal(fill('int32', 8, { intVal: [-1, 2] }), 'ffffffff02000000');
  assert.equal(fill('int16', 4, { intVal: [-1, 2] }), 'ffff0200');
  assert.equal(fill('uint16', 2, { intVal: [65_535] }), 'ffff');
  assert.equal(fill('int8', 2, { intVal: [-128, 127] }), '807f');
  assert.equal(fill('uint8', 2, { intVal: [0, 255] }), '00ff');
  assert.equal(fill('int64', 16, { int64Val: ['-9223372036854775808', '9007199254740993'] }), '00000000000000800100000000002000');
  assert.equal(fill('bool', 2, { boolVal: [true, false] }), '0100');
  assert.equal(fill('float16', 4, { halfVal: [0x3c00, 0xc000] }), '003c00c0');
  assert.equal(fill('bfloat16', 2, { halfVal: [0x3f80] }), '803f');
  assert.equal(fill('uint32', 4, { uint32Val: [4_294_967_295] }), 'ffffffff');
  assert.equal(fill('uint64', 8, { uint64Val: ['18446744073709551615'] }), 'ffffffffffffffff');
});

test('the last value stands for all that are missing, zero for none', () => {
  assert.equal(fill('uint8', 4, { intVal: [1, 2] }), '01020202');
  assert.equal(fill('float32', 12, { floatVal: [1] }), '0000803f0000803f0000803f');
  assert.equal(fill('int32', 4, {}), '00000000');
});

test('numbers one by one are as packed ones', () => {
  const loose = Buffer.from([0x38, 1, 0x38, 2, 0x3d, 0, 0, 0, 0]);
  const target = new DataView(new ArrayBuffer(2));
  assert.equal(fillTyped(loose, { from: 0, length: loose.length }, 'uint8', target), undefined);
  assert.equal(Buffer.from(target.buffer).toString('hex'), '0102');
  const float = Buffer.from([0x2d, 0, 0, 0x80, 0x3f]);
  const four = new DataView(new ArrayBuffer(4));
  assert.equal(fillTyped(float, { from: 0, length: float.length }, 'float32', four), undefined);
  assert.equal(four.getFloat32(0, true), 1);
});

test('too many values, and those that the type does not hold, are refused', () => {
  assert.match(fill('uint8', 1, { intVal: [1, 2] }), /more values/);
  assert.match(fill('float32', 4, { floatVal: [1, 2] }), /more values/);
  assert.match(fill('uint8', 1, { intVal: [256] }), /256 is no uint8/);
  assert.match(fill('int8', 1, { intVal: [-129] }), /-129 is no int8/);
  assert.match(fill('float16', 2, { halfVal: [70_000] }), /no float16/);
  const odd = Buffer.from([0x2a, 3, 0, 0, 0]);
  assert.match(fillTyped(odd, { from: 0, length: odd.length }, 'float32', new DataView(new ArrayBuffer(4))) ?? '', /does not end/);
});
