import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenOutputs, loadModel, type TensorflowModel } from '../../../../model-containers/tensorflow/model.ts';
import { readOptions } from '../../../../model-containers/tensorflow/options.ts';
import { readSavedModel } from '../../../../model-containers/tensorflow/saved-model.ts';
import type { Batch } from '../../../../model-containers/typescript/predict.ts';
import { FakeBinding } from '../../../support/fake-binding.ts';
import { SAVED_MODEL } from '../../../support/tensorflow.ts';

const signature = readSavedModel(SAVED_MODEL, 'serving_default');

function load(binding: FakeBinding, options: object = {}): TensorflowModel {
  return loadModel({ binding, runtime: 'tfjs-node', folder: '/m', signature, options: readOptions({ ...options }) });
}

function batch(wanted?: readonly string[]): Batch {
  return {
    rows: 2, wanted, inputs: { x: { dtype: 'float32', shape: [2, 4], data: new Float32Array(8) } },
    budgetMicros: 1000, signature: undefined, params: {}, traceparent: undefined, isCancelled: () => false, fail: assert.fail,
  };
}

test('a batch goes to the nodes of the signature, and no tensor is left behind', () => {
  const binding = new FakeBinding();
  binding.answers = [{ shape: [2], dtype: 9, data: new Int32Array(BigInt64Array.of(1n, 2n).buffer, 0, 2) }, { shape: [2, 3], dtype: 1, data: new Float32Array(6) }];
  const outputs = load(binding).predict(batch());
  assert.deepEqual(outputs['label'], { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) });
  assert.deepEqual(binding.ran, [['serving_default_x:0', 'StatefulPartitionedCall:0,StatefulPartitionedCall:1']]);
  assert.equal(binding.held.size, 0);
});

test('only what is wanted is computed', () => {
  const binding = new FakeBinding();
  binding.answers = [{ shape: [2, 3], dtype: 1, data: new Float32Array(6) }];
  assert.deepEqual(Object.keys(load(binding).predict(batch(['probabilities']))), ['probabilities']);
  assert.equal(binding.ran[0]?.[1], 'StatefulPartitionedCall:1');
});

test('a batch that fails leaves no tensor behind either', () => {
  const binding = new FakeBinding();
  binding.fault = new Error('Session fail to run');
  const { predict } = load(binding);
  assert.throws(() => predict(batch()), /Session fail/);
  assert.equal(binding.held.size, 0);
});

test('what serves it is said; a device that is asked for must be there', () => {
  assert.deepEqual(load(new FakeBinding()).serving.about, { framework: 'tensorflow 2.fake', runtime: 'tfjs-node', device: 'cpu', signature: 'serving_default', threads: 1 });
  assert.throws(() => load(new FakeBinding(), { device: 'gpu' }), /device gpu is asked for, and tfjs-node finds no GPU/);
});

test('outputs may be chosen, of those that there are', () => {
  assert.deepEqual(chosenOutputs(signature, ['label']).outputs.map(({ name }) => name), ['label']);
  assert.throws(() => chosenOutputs(signature, ['z']), /no output z; it has label, probabilities/);
});
