import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataJson, statusJson } from '../../../../../frontend/http/tfs/metadata-json.ts';
import { rawOutputs, servedModel } from '../../../../support/tfs-world.ts';

const model = servedModel('m', [{ name: 'x', dtype: 'float32', shape: [4] }], rawOutputs('raw', { name: 'y', dtype: 'bytes', shape: [] }));

test('signatures in protobuf\'s JSON: 64-bit integers as text, every field printed', () => {
  assert.deepEqual(JSON.parse(metadataJson(model)), {
    model_spec: { name: 'm', signature_name: '', version: '2' },
    metadata: { signature_def: { signature_def: { serving_default: {
      inputs: { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: '-1', name: '' }, { size: '4', name: '' }], unknown_rank: false }, name: 'x' } },
      outputs: { y: { dtype: 'DT_STRING', tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false }, name: 'y' } },
      method_name: 'tensorflow/serving/predict',
    } } } },
  });
});

test('versions as text, the newest first', () => {
  const of = (version: string): unknown => ({ version, state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } });
  assert.deepEqual(JSON.parse(statusJson(model, undefined)), { model_version_status: [of('2'), of('1')] });
  assert.deepEqual(JSON.parse(statusJson(model, 1)), { model_version_status: [of('1')] });
});
