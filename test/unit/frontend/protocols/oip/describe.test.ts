import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelConfig, modelMetadata, serverMetadata } from '../../../../../frontend/protocols/oip/describe.ts';
import { rawOutputs, servedModel } from '../../../../support/tfs-world.ts';

const served = servedModel('m', [{ name: 'x', dtype: 'float32', shape: [-1, 4] }, { name: 's', dtype: 'bytes', shape: [] }], rawOutputs('raw', { name: 'y', dtype: 'bfloat16', shape: [2] }));

test('the server lists only extensions that are spoken here', () => {
  const { name, version, extensions } = serverMetadata('1.2.3');
  assert.deepEqual([name, version], ['tradewind', '1.2.3']);
  assert.deepEqual([...extensions], ['binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'parameters', 'schedule_policy', 'statistics']);
});

test('metadata has the rows in front, configuration has not, and a single element is one', () => {
  assert.deepEqual(modelMetadata(served), {
    name: 'm', versions: ['1', '2'], platform: 'tradewind_synthetic',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1, 4] }, { name: 's', datatype: 'BYTES', shape: [-1] }], outputs: [{ name: 'y', datatype: 'BF16', shape: [-1, 2] }],
  });
  const config = modelConfig(served);
  assert.deepEqual(config.input, [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1, 4] }, { name: 's', data_type: 'TYPE_STRING', dims: [1] }]);
  assert.deepEqual([config.max_batch_size, config.dynamic_batching.preferred_batch_size], [4096, [8]]);
  assert.deepEqual(modelMetadata(servedModel('m', undefined, undefined)).inputs, []);
});
