import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slabViews } from '../../../../../frontend/http/predict-body/slab-views.ts';
import { storeBigInteger, storeNumbers, storeNotFinite } from '../../../../../frontend/http/predict-body/store-numbers.ts';
import type { Dtype } from '../../../../../protos/dtype.ts';

function store(dtype: Dtype, ...values: number[]): number {
  const slab = { index: 0, bytes: new Uint8Array(64) };
  return storeNumbers(dtype, slabViews(slab), 8, Float64Array.from(values), values.length);
}

test('it stops before the first number that the dtype does not hold', () => {
  assert.equal(store('float32', 1, 3.4028235677973366e38), 1);
  assert.equal(store('float64', 1, Infinity), 1);
  assert.equal(store('float16', 1, 65520), 1);
  assert.equal(store('bfloat16', 1, 1e39), 1);
  assert.equal(store('int8', -128, 127, 128), 2);
  assert.equal(store('uint8', 0, 255, -1), 2);
  assert.equal(store('int16', -32768, 32767, 32768), 2);
  assert.equal(store('uint16', 65535, 65536), 1);
  assert.equal(store('int32', -2147483648, 2147483647, 1.5), 2);
  assert.equal(store('uint32', 4294967295, 4294967296), 1);
  assert.equal(store('int64', 9007199254740991, 9007199254740992), 1);
  assert.equal(store('uint64', 9007199254740991, -1), 1);
});

test('64-bit integers lie in two words, little-endian', () => {
  const slab = { index: 0, bytes: new Uint8Array(32) };
  const view = new DataView(slab.bytes.buffer);
  for (const value of [-1, -4294967297, 4294967296, 9007199254740991, -9007199254740991, -0]) {
    assert.equal(storeNumbers('int64', slabViews(slab), 8, Float64Array.of(value), 1), 1);
    assert.equal(view.getBigInt64(8, true), BigInt(value));
  }
  assert.ok(storeBigInteger('int64', slabViews(slab), 16, -(2n ** 63n)));
  assert.equal(view.getBigInt64(16, true), -(2n ** 63n));
  assert.ok(storeBigInteger('uint64', slabViews(slab), 16, 2n ** 64n - 1n));
  assert.equal(view.getBigUint64(16, true), 2n ** 64n - 1n);
  assert.equal(storeBigInteger('int64', slabViews(slab), 16, 2n ** 63n), false);
  assert.equal(storeBigInteger('uint64', slabViews(slab), 16, -1n), false);
});

test('NaN and the infinities have bits in every float dtype, and none elsewhere', () => {
  const slab = { index: 0, bytes: new Uint8Array(64) };
  const hex = (dtype: Dtype, value: number, bytes: number): string => (storeNotFinite(dtype, slabViews(slab), 8, value) ? Buffer.from(slab.bytes.subarray(8, 8 + bytes)).toString('hex') : 'none');
  assert.deepEqual([Number.NaN, Infinity, -Infinity].map((value) => hex('float32', value, 4)), ['0000c07f', '0000807f', '000080ff']);
  assert.deepEqual([Number.NaN, Infinity, -Infinity].map((value) => hex('float64', value, 8)), ['000000000000f87f', '000000000000f07f', '000000000000f0ff']);
  assert.deepEqual([Number.NaN, Infinity, -Infinity].map((value) => hex('float16', value, 2)), ['007e', '007c', '00fc']);
  assert.deepEqual([Number.NaN, Infinity, -Infinity].map((value) => hex('bfloat16', value, 2)), ['c07f', '807f', '80ff']);
  for (const dtype of ['int32', 'bool', 'bytes'] as const) assert.equal(hex(dtype, Infinity, 4), 'none');
});
