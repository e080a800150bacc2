import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { elementsStorer } from '../../../../../frontend/protocols/tfs/element-store.ts';

function stored(dtype: Dtype, values: readonly number[] | readonly bigint[]): string {
  const view = new DataView(new ArrayBuffer(32));
  const bad = elementsStorer(dtype)(view, 0, values);
  return bad >= 0 ? `bad ${bad}` : Buffer.from(view.buffer).toString('hex').slice(0, 16);
}

test('integers are kept exactly, or refused', () => {
  assert.equal(stored('int64', [2n ** 63n - 1n]), 'ffffffffffffff7f');
  assert.equal(stored('int64', [2n ** 63n]), 'bad 0');
  assert.equal(stored('uint64', [2n ** 64n - 1n]), 'ffffffffffffffff');
  assert.equal(stored('uint8', [1n, 256n]), 'bad 1');
  assert.equal(stored('int32', [1.5]), 'bad 0');
  assert.equal(stored('int32', [Number.NaN]), 'bad 0');
  assert.equal(stored('int32', [-2]), 'feffffff00000000');
  assert.equal(stored('int8', [-128n]), '8000000000000000');
  assert.equal(stored('int16', [-2n]), 'feff000000000000');
  assert.equal(stored('uint16', [65_535n]), 'ffff000000000000');
  assert.equal(stored('uint32', [4_294_967_295n]), 'ffffffff00000000');
  assert.equal(stored('bool', [1n, 0n]), '0100000000000000');
  assert.equal(stored('bool', [2n]), 'bad 0');
});

test('floats are rounded once, infinities and NaN kept', () => {
  assert.equal(stored('float32', [1.5]), '0000c03f00000000');
  assert.equal(stored('float64', [1.5]), '000000000000f83f');
  assert.equal(stored('float32', [16_777_217n]), '0000804b00000000');
  assert.equal(stored('float16', [1, 1e9, Number.NaN, -Infinity]), '003c007c007e00fc');
  assert.equal(stored('bfloat16', [1, Infinity, Number.NaN, -Infinity]), '803f807fc07f80ff');
});

test('text is no element of a number', () => {
  assert.equal(stored('bytes', [1]), 'bad 0');
});
