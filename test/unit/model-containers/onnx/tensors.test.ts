import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromOnnx, toOnnx } from '../../../../model-containers/onnx/tensors.ts';
import type { Batch } from '../../../../model-containers/typescript/predict.ts';

function batchOf(failed: [number, string | undefined][]): Batch {
  return {
    rows: 3, inputs: {}, wanted: undefined, budgetMicros: 0, signature: undefined, params: {}, traceparent: undefined,
    isCancelled: () => false,
    fail: (row, _message, code) => { failed.push([row, code]); },
  };
}

test('numbers are handed over in place, both ways', () => {
  const data = Float32Array.of(1, 2, 3);
  const tensor = toOnnx({ dtype: 'float32', shape: [3], data }, batchOf([]));
  assert.equal(tensor.data, data);
  assert.deepEqual(fromOnnx(tensor), { dtype: 'float32', shape: [3], data });
});

test('texts are copied; a row whose text the runtime would cut off or cannot read fails', () => {
  const failed: [number, string | undefined][] = [];
  const tensor = toOnnx({ dtype: 'bytes', shape: [3, 1], data: [Buffer.from('é'), Buffer.from('a\0b'), Buffer.of(0xff)] }, batchOf(failed));
  assert.deepEqual(tensor.data, ['é', '', '']);
  assert.deepEqual(failed, [[1, 'bad_input'], [2, 'bad_input']]);
  assert.deepEqual(fromOnnx(tensor), { dtype: 'bytes', shape: [3, 1], data: [Buffer.from('é'), Buffer.from(''), Buffer.from('')] });
});
