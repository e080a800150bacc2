import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PredictError } from '../../../../model-containers/typescript/predict.ts';

test('an error with a code keeps its cause', () => {
  const cause = new Error('deeper');
  const error = new PredictError('bad_input', 'too long', { cause });
  assert.deepEqual([error.name, error.code, error.message, error.cause], ['PredictError', 'bad_input', 'too long', cause]);
});
