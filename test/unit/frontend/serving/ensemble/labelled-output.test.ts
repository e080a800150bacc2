import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelledOutput, labelledOutputs } from '../../../../../frontend/serving/ensemble/labelled-output.ts';

const floats = Float32Array.from([0.2, 0.8]);
const scores = { kind: 'tensors' as const, tensors: [{ name: 'p', dtype: 'float32' as const, shape: [2], slab: { index: 0, bytes: new Uint8Array(floats.buffer) }, offset: 0, lengthBytes: 8 }] };

test('labels, numbers and the likeliest class can be held against a label, nothing else', () => {
  assert.equal(labelledOutput({ output: { kind: 'label', label: 'cat' } }, undefined), 'cat');
  assert.equal(labelledOutput({ output: { kind: 'value', value: 2 } }, undefined), 2);
  assert.equal(labelledOutput({ output: scores }, undefined), 1);
  assert.equal(labelledOutput({ output: scores }, ['no', 'yes']), 'yes');
  assert.equal(labelledOutput({ output: { kind: 'json', json: 1 } }, undefined), null);
  assert.equal(labelledOutput({ output: { kind: 'tensors', tensors: [...scores.tensors, ...scores.tensors] } }, undefined), null);
});

test('rows that missed are null; where all did there is nothing', () => {
  const answer = { source: 'model' as const, output: { kind: 'value' as const, value: 3 } };
  assert.deepEqual(labelledOutputs([answer, { reason: 'row_failed' }, undefined], undefined), [3, null, null]);
  assert.deepEqual(labelledOutputs([{ reason: 'row_failed' }, undefined], undefined), []);
});
