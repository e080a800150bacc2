import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSavedModel } from '../../../../model-containers/tensorflow/saved-model.ts';
import { fromBinding, notCarried, toBinding } from '../../../../model-containers/tensorflow/tensors.ts';
import { SAVED_MODEL } from '../../../support/tensorflow.ts';

test('what the binding cannot carry is named', () => {
  const reasons = (signature: string): readonly string[] => {
    const { inputs, outputs } = readSavedModel(SAVED_MODEL, signature);
    return notCarried(inputs, outputs);
  };
  assert.deepEqual(reasons('exact'), []);
  assert.deepEqual(reasons('wide'), ['input x is float64, which Node\'s binding does not take', 'output half is float64, which Node\'s binding does not give']);
  assert.deepEqual(reasons('shapeless'), ['output y has no shape in the signature']);
});

test('int64 goes through the halves that the binding knows, and no bit is lost', () => {
  const values = BigInt64Array.of(2n ** 62n + 1n, -1n);
  const halves = toBinding({ dtype: 'int64', shape: [2], data: values });
  assert.ok(halves instanceof Int32Array);
  assert.deepEqual([halves.length, halves.buffer], [4, values.buffer]);
  // What comes back is as long as there are elements, over all the bytes.
  const back = new Int32Array(values.buffer, 0, 2);
  assert.deepEqual(fromBinding({ name: 'y', node: 'y:0', type: 9, dtype: 'int64', shape: [-1] }, back), values);
  const floats = Float32Array.of(1);
  assert.equal(toBinding({ dtype: 'float32', shape: [1], data: floats }), floats);
});
