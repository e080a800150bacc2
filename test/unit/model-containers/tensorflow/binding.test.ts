import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBinding } from '../../../../model-containers/tensorflow/binding.ts';
import { requireBinding } from '../../../support/tensorflow.ts';

const missing = requireBinding();

test('a binding that is not prepared is said to be so', { skip: missing === false && 'it is prepared on this machine' }, () => {
  const why = openBinding('tfjs-node');
  assert.ok(typeof why === 'string');
  assert.match(why, /tfjs-node is not prepared on this machine \(model-containers\/tensorflow\/prepare\.sh\)/);
});

test('a binding that is prepared computes', { skip: missing }, () => {
  const binding = openBinding('tfjs-node');
  assert.ok(typeof binding === 'object');
  const id = binding.createTensor([2], 1, Float32Array.of(1, 2));
  assert.deepEqual(binding.tensorDataSync(id), Float32Array.of(1, 2));
  binding.deleteTensor(id);
});
