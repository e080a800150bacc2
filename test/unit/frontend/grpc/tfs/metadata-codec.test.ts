import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataResponse, readMetadataRequest, statusResponse } from '../../../../../frontend/grpc/tfs/metadata-codec.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';

test('the fields that are asked for', () => {
  assert.deepEqual(readMetadataRequest(encode('GetModelMetadataRequest', { modelSpec: { name: 'm' }, metadataField: ['signature_def'] })), { spec: { name: 'm', signatureName: '' }, fields: ['signature_def'] });
});

test('signatures travel in an Any, a batch of any size as -1', () => {
  const answer = decode('GetModelMetadataResponse', metadataResponse('m', 2, [{ name: 's', method: 'predict', inputs: [{ name: 'x', dtype: 'float32', shape: [-1, 4] }], outputs: [{ name: 'y', dtype: 'bytes', shape: [-1] }] }]));
  assert.deepEqual(answer['modelSpec'], { name: 'm', version: { value: '2' }, signatureName: '' });
  const any = (answer['metadata'] as Record<string, { type_url: string; value: string }>)['signature_def'];
  assert.equal(any?.type_url, 'type.googleapis.com/tensorflow.serving.SignatureDefMap');
  assert.deepEqual(decode('SignatureDefMap', Buffer.from(any.value, 'base64')), { signatureDef: { s: {
    inputs: { x: { name: 'x', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '4' }] } } },
    outputs: { y: { name: 'y', dtype: 'DT_STRING', tensorShape: { dim: [{ size: '-1' }] } } }, methodName: 'tensorflow/serving/predict',
  } } });
});

test('states of versions', () => {
  assert.deepEqual(decode('GetModelStatusResponse', statusResponse([{ version: 3, state: 'END', error: 'died' }, { version: 2, state: 'LOADING' }, { version: 1, state: 'AVAILABLE' }])), {
    modelVersionStatus: [
      { version: '3', state: 'END', status: { errorCode: 14, errorMessage: 'died' } },
      { version: '2', state: 'LOADING', status: {} }, { version: '1', state: 'AVAILABLE', status: {} },
    ],
  });
});
