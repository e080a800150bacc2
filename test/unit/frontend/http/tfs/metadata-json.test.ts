import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhyUnready } from '../../../../../frontend/domain/served.ts';
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

const coming: WhyUnready = () => ({ kind: 'coming' });

test('versions as text, the newest first', () => {
  const of = (version: string): unknown => ({ version, state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } });
  assert.deepEqual(JSON.parse(statusJson(model, coming, undefined)), { model_version_status: [of('2'), of('1')] });
  assert.deepEqual(JSON.parse(statusJson(model, coming, 1)), { model_version_status: [of('1')] });
});

test('a version that cannot be loaded says why', () => {
  const broken = servedModel('m', [], undefined, { versions: [{ version: 1, ready: false }] });
  assert.deepEqual(JSON.parse(statusJson(broken, () => ({ kind: 'failing', reason: 'hung' }), 1)), { model_version_status: [
    { version: '1', state: 'END', status: { error_code: 'UNAVAILABLE', error_message: 'its replicas die again and again: hung' } },
  ] });
});
