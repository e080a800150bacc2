import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readOptions } from '../../../../model-containers/onnx/options.ts';
import { openSession } from '../../../../model-containers/onnx/session.ts';

const AFFINE = fileURLToPath(new URL('../../../support/models/affine.onnx', import.meta.url));

test('a model is opened with its metadata', () => {
  const session = openSession(AFFINE, readOptions({}));
  assert.deepEqual(session.inputs, [{ name: 'x', isTensor: true, type: 'float32', shape: ['n', 3] }]);
  session.release();
});

test('what cannot be opened is said with its path, without the runtime\'s trace', () => {
  assert.throws(() => openSession('/nowhere.onnx', readOptions({})), (error: Error) => error.message.startsWith('/nowhere.onnx cannot be loaded: ') && !error.message.includes('\n'));
});
