import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputTensor } from '../../../../frontend/domain/answer.ts';
import { numberJson, tensorJson } from '../../../../frontend/http/tensor-json.ts';
import type { Dtype } from '../../../../protos/dtype.ts';

/** The tensor begins at an odd byte: nothing may rest on alignment. */
function tensor(dtype: Dtype, shape: readonly number[], elements: ArrayBufferView): OutputTensor {
  const source = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  const bytes = new Uint8Array(source.length + 6).fill(0xa5);
  bytes.set(source, 3);
  return { name: 't', dtype, shape, slab: { index: 0, bytes }, offset: 3, lengthBytes: source.length };
}

test('tensors nest by their shape', () => {
  const six = new Int32Array([1, 2, 3, 4, 5, 6]);
  assert.equal(tensorJson(tensor('int32', [6], six)), '[1,2,3,4,5,6]');
  assert.equal(tensorJson(tensor('int32', [2, 3], six)), '[[1,2,3],[4,5,6]]');
  assert.equal(tensorJson(tensor('int32', [1, 3, 2], six)), '[[[1,2],[3,4],[5,6]]]');
  assert.equal(tensorJson(tensor('int32', [], new Int32Array([7]))), '7');
  assert.equal(tensorJson(tensor('int32', [0], new Int32Array())), '[]');
  assert.equal(tensorJson(tensor('int32', [2, 0], new Int32Array())), '[[],[]]');
});

test('each dtype is written so that it can be read back', () => {
  for (const [dtype, elements, text] of [
    ['bool', new Uint8Array([0, 1]), '[false,true]'],
    ['int8', new Int8Array([-128, 127]), '[-128,127]'],
    ['uint8', new Uint8Array([0, 255]), '[0,255]'],
    ['int16', new Int16Array([-32768, 32767]), '[-32768,32767]'],
    ['uint16', new Uint16Array([0, 65535]), '[0,65535]'],
    ['int32', new Int32Array([-2147483648, 2147483647]), '[-2147483648,2147483647]'],
    ['uint32', new Uint32Array([0, 4294967295]), '[0,4294967295]'],
    ['int64', new BigInt64Array([-(2n ** 63n), 2n ** 53n + 1n]), '[-9223372036854775808,9007199254740993]'],
    ['uint64', new BigUint64Array([0n, 2n ** 64n - 1n]), '[0,18446744073709551615]'],
    ['float16', new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00, 0x3555]), '[1,-2,5.9604645e-8,65504,null,null,0.33325195]'],
    ['bfloat16', new Uint16Array([0x3f80, 0x4049, 0x7f80]), '[1,3.140625,null]'],
    ['float32', new Float32Array([0.1, -0, 1e30, Number.NaN, Number.NEGATIVE_INFINITY]), '[0.1,-0,1e+30,null,null]'],
    ['float64', new Float64Array([0.1, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY]), '[0.1,-0,1e+300,null,null]'],
  ] as const) assert.equal(tensorJson(tensor(dtype, [elements.length], elements)), text, dtype);
});

test('bytes are strings where they are UTF-8, else base64', () => {
  const parts = [Buffer.from('größe "1"'), Buffer.from([0xff, 0xfe]), Buffer.alloc(0)];
  const elements = Buffer.concat(parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(part.length);
    return [length, part];
  }));
  assert.equal(tensorJson(tensor('bytes', [3], elements)), '["größe \\"1\\"",{"b64":"//4="},""]');
});

test('doubles are written shortest, and as null where JSON has no word for them', () => {
  assert.deepEqual([0.1, -0, 0, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY].map(numberJson), ['0.1', '-0', '0', '5e-324', 'null', 'null']);
});
