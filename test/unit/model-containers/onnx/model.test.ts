import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../../../../model-containers/onnx/model.ts';
import { readOptions } from '../../../../model-containers/onnx/options.ts';
import type { Batch } from '../../../../model-containers/typescript/predict.ts';

const AFFINE = fileURLToPath(new URL('../../../support/models/affine.onnx', import.meta.url));

test('a model takes what its file says and gives the outputs that are wanted', () => {
  const { serving, predict } = loadModel(AFFINE, readOptions({}));
  assert.deepEqual(serving.outputs?.map(({ name }) => name), ['label', 'y']);
  const batch = (wanted: readonly string[] | undefined): Batch => ({
    rows: 2, wanted, inputs: { x: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } },
    budgetMicros: 1000, signature: undefined, params: {}, traceparent: undefined, isCancelled: () => false, fail: assert.fail,
  });
  assert.deepEqual(predict(batch(undefined))['y'], { dtype: 'float32', shape: [2, 3], data: Float32Array.of(3, 5, 7, 9, 11, 13) });
  assert.deepEqual(Object.keys(predict(batch(['label']))), ['label']);
});
