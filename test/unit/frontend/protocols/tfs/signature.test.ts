import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf, publishedSignatures, signatureRefusal } from '../../../../../frontend/protocols/tfs/signature.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { rawOutputs, servedModel } from '../../../../support/tfs-world.ts';

const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [4] };
const number = servedModel('number', [X], rawOutputs('value', { name: 'y', dtype: 'float32', shape: [] }));
const classes = servedModel('classes', [X], rawOutputs('probabilities', { name: 'p', dtype: 'float32', shape: [3] }));
const unknown = servedModel('unknown', undefined, undefined);

test('a signature for tensors, and one for Examples where the outputs mean something', () => {
  const names = [number, classes, unknown, servedModel('raw', [X], rawOutputs('raw', X))].map((served) => publishedSignatures(served).map(({ name, method }) => `${name} ${method}`));
  assert.deepEqual(names, [
    ['serving_default predict', 'regression regress'], ['serving_default predict', 'classification classify'], ['serving_default predict'], ['serving_default predict'],
  ]);
  assert.deepEqual(publishedSignatures(number)[0]?.inputs, [{ name: 'x', dtype: 'float32', shape: [-1, 4] }]);
});

test('a request may name the default signature, none, or the one of its method', () => {
  for (const name of ['', 'serving_default']) {
    assert.equal(signatureRefusal(number, 'predict', name), undefined);
    assert.equal(signatureRefusal(number, 'regress', name), undefined);
    assert.equal(signatureRefusal(classes, 'classify', name), undefined);
    assert.equal(signatureRefusal(unknown, 'classify', name), undefined);
  }
  assert.equal(signatureRefusal(number, 'regress', 'regression'), undefined);
  assert.equal(signatureRefusal(classes, 'classify', 'classification'), undefined);
});

test('others are refused with the words that clients know', () => {
  assert.equal(signatureRefusal(number, 'predict', 'nope')?.message, 'Serving signature name: "nope" not found in signature def');
  assert.equal(signatureRefusal(number, 'predict', 'regression')?.message, 'Expected prediction signature method_name to be tensorflow/serving/predict. Was: tensorflow/serving/regress');
  assert.equal(signatureRefusal(number, 'classify', '')?.message, 'Expected classification signature method_name to be tensorflow/serving/classify. Was: tensorflow/serving/predict');
  assert.equal(signatureRefusal(classes, 'regress', 'classification')?.message, 'Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/classify');
});

test('what outputs mean is what the model says, else what the app gives', () => {
  assert.equal(meaningOf(number.outputs), 'value');
  assert.equal(meaningOf({ kind: 'label', tensors: [] }), 'label');
  assert.equal(meaningOf(undefined), undefined);
});
