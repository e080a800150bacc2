import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOutputs, checkWanted } from '../../../../model-containers/typescript/check-outputs.ts';
import type { Outputs } from '../../../../model-containers/typescript/predict.ts';
import type { TensorSpec } from '../../../../protos/wire.ts';

const SPECS: readonly TensorSpec[] = [{ name: 'y', dtype: 'float32', shape: [2] }, { name: 'word', dtype: 'bytes', shape: [] }];
const GOOD = { y: new Float32Array(4), word: ['a', 'bcd'] };

function refuses(outputs: unknown, message: RegExp): void {
  assert.throws(() => checkOutputs(outputs as Outputs, 2, undefined, SPECS), { name: 'PredictError', code: 'invalid_output', message });
}

test('arrays alone take dtype and shape from the signature; texts become bytes', () => {
  const [y, word] = checkOutputs(GOOD, 2, undefined, SPECS);
  assert.deepEqual({ ...y, bytes: y?.bytes.length }, { name: 'y', dtype: 'float32', shape: [2], bytes: 16 });
  assert.deepEqual(word?.lengths, [5, 7]);
  assert.equal(Buffer.from(word.bytes).toString('hex'), '010000006103000000626364');
});

test('a free extent is what the number of elements leaves for it', () => {
  const specs: readonly TensorSpec[] = [{ name: 'y', dtype: 'int8', shape: [-1, 2] }];
  assert.deepEqual(checkOutputs({ y: new Int8Array(12) }, 2, undefined, specs)[0]?.shape, [3, 2]);
  assert.throws(() => checkOutputs({ y: new Int8Array(13) }, 2, undefined, specs), /element|shape/);
  assert.throws(() => checkOutputs({ y: new Int8Array(16) }, 2, undefined, [{ name: 'y', dtype: 'int8', shape: [-1, -1] }]), /more than one extent is free/);
});

test('only wanted outputs are taken, others may be missing', () => {
  assert.deepEqual(checkOutputs({ word: ['a', 'b'] }, 2, ['word'], SPECS).map(({ name }) => name), ['word']);
  checkWanted(['word'], SPECS);
  checkWanted(['anything'], undefined);
  assert.throws(() => checkWanted(['z'], SPECS), { code: 'bad_input', message: 'the model has no output z; it has y, word' });
});

test('what breaks the signature is said in words', () => {
  refuses(undefined, /no map of outputs: does it lack a return\?/);
  refuses(new Float32Array(2), /predict returned a Float32Array, and no map of outputs/);
  refuses([1, 2], /predict returned an Array, and no map/);
  refuses({ y: GOOD.y }, /output word is missing; predict returned y/);
  refuses({}, /output y is missing; predict returned an empty map/);
  refuses({ ...GOOD, z: new Int8Array(2) }, /output z is not in the signature/);
  refuses({ ...GOOD, y: new Float64Array(4) }, /not an array of float32/);
  refuses({ ...GOOD, y: new Float32Array(3) }, /3 elements; 2 rows of shape \[2\] are 4/);
  refuses({ ...GOOD, y: { dtype: 'float32', shape: [3, 2], data: new Float32Array(6) } }, /3 rows for a batch of 2/);
  refuses({ ...GOOD, y: { dtype: 'int32', shape: [2, 2], data: new Int32Array(4) } }, /y is int32; the signature says float32/);
  refuses({ ...GOOD, y: { dtype: 'float32', shape: [2, 1], data: new Float32Array(2) } }, /shape \[1\]; the signature says \[2\]/);
  refuses({ ...GOOD, y: { dtype: 'float32', shape: [2, -1], data: new Float32Array(2), rowShapes: [[1], [1]] } }, /not declared ragged/);
  assert.throws(() => checkOutputs({ y: GOOD.y }, 2, undefined, undefined), /return \{ dtype, shape, data \}/);
});

test('ragged rows, of numbers and of bytes', () => {
  const specs: readonly TensorSpec[] = [{ name: 'n', dtype: 'int16', shape: [-1], ragged: true }, { name: 'w', dtype: 'bytes', shape: [-1], ragged: true }];
  const rowShapes = [[2], [0]];
  const outputs: Outputs = { n: { dtype: 'int16', shape: [2, -1], data: Int16Array.of(1, 2), rowShapes }, w: { dtype: 'bytes', shape: [2, -1], data: [Buffer.from('ab'), Buffer.from('')], rowShapes } };
  const [n, w] = checkOutputs(outputs, 2, undefined, specs);
  assert.deepEqual([n?.shape, n?.lengths, n?.shapes], [[-1], [4, 0], rowShapes]);
  assert.deepEqual(w?.lengths, [10, 0]);
  assert.throws(() => checkOutputs({ ...outputs, n: { dtype: 'int16', shape: [2, -1], data: Int16Array.of(1), rowShapes } }, 2, undefined, specs), /1 elements; its row shapes say 2/);
  assert.throws(() => checkOutputs({ ...outputs, n: { dtype: 'int16', shape: [2, -1], data: Int16Array.of(1, 2), rowShapes: [[2]] } }, 2, undefined, specs), /1 row shapes/);
});
