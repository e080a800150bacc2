import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataBytes, dataText, hasJsonForm } from '../../../../../frontend/rpc/oip/json-data.ts';

// Every dtype goes both ways in test/conformance/container-wires.test.ts.
function aligned(...bytes: readonly number[]): Buffer {
  const buffer = Buffer.from(new ArrayBuffer(Math.max(8, bytes.length)));
  buffer.set(bytes);
  return buffer.subarray(0, bytes.length);
}

test('values that JSON cannot carry are told, not written', () => {
  assert.equal(dataText('float32', aligned(0, 0, 0xc0, 0x7f)), undefined);
  assert.equal(dataText('bytes', aligned(1, 0, 0, 0, 0xff)), undefined);
  assert.equal(dataText('float16', aligned(0, 0)), undefined);
  assert.deepEqual([hasJsonForm('float32'), hasJsonForm('float16'), hasJsonForm('bfloat16')], [true, false, false]);
});

test('flat and nested lists are read alike, and whole numbers of 64 bits to the last digit', () => {
  assert.deepEqual(dataBytes('uint8', [[1, 2], [3]]), Uint8Array.of(1, 2, 3));
  assert.deepEqual(dataBytes('int64', [2n ** 53n + 1n, 5]), new Uint8Array(BigInt64Array.of(2n ** 53n + 1n, 5n).buffer));
});

test('null is a float that is not finite, and nothing else', () => {
  assert.deepEqual(dataBytes('float32', [1, [null]]), new Uint8Array(Float32Array.of(1, Number.NaN).buffer));
  assert.deepEqual(dataBytes('float64', [null]), new Uint8Array(Float64Array.of(Number.NaN).buffer));
  assert.deepEqual([dataBytes('int32', [null]), dataBytes('bool', [null]), dataBytes('bytes', [null])], Array(3).fill(undefined));
});

test('a list of anything else is none', () => {
  assert.deepEqual([dataBytes('float32', ['1']), dataBytes('bool', [1]), dataBytes('bytes', [1]), dataBytes('int64', [0.5]), dataBytes('int8', 'x'), dataBytes('float16', [1])], Array(6).fill(undefined));
});

test('an integer that the dtype cannot hold is not cut to fit', () => {
  for (const [dtype, value] of [['int8', 128], ['uint8', -1], ['int16', 1.5], ['uint16', 65_536], ['int32', 2 ** 31], ['uint32', 0.1], ['int64', 2n ** 63n], ['uint64', -1]] as const) {
    assert.equal(dataBytes(dtype, [0, value]), undefined, dtype);
  }
  assert.deepEqual(dataBytes('int8', [-128, 127]), Uint8Array.of(0x80, 0x7f));
});

test('a float may come as an integer of many digits', () => {
  assert.deepEqual(dataBytes('float64', [12_345_678_901_234_567_168n]), new Uint8Array(Float64Array.of(12_345_678_901_234_567_168).buffer));
});
