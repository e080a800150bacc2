import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMaxBatchSize, decodeModelMetadata, decodeReady, decodeServerMetadata, encodeModelName } from '../../../../../frontend/rpc/oip/grpc-messages.ts';
import { oipMethod } from '../../../../support/oip-codec.ts';

test('what asks for a model is what another codec reads', () => {
  const read = (bytes: Uint8Array): unknown => oipMethod('ModelReady').requestDeserialize(Buffer.from(bytes));
  assert.deepEqual(read(encodeModelName('ä', undefined)), { name: 'ä' });
  assert.deepEqual(read(encodeModelName('m', '7')), { name: 'm', version: '7' });
});

test('what another codec answers is read', () => {
  assert.equal(decodeReady(oipMethod('ModelReady').responseSerialize({ ready: true })), true);
  assert.equal(decodeReady(oipMethod('ServerReady').responseSerialize({})), false);
  const facts = { name: 'triton', version: '2', extensions: ['a', 'b'] };
  assert.deepEqual(decodeServerMetadata(oipMethod('ServerMetadata').responseSerialize(facts)), facts);
  const tensor = { name: 'x', datatype: 'FP32', shape: [-1, 300] };
  const metadata = oipMethod('ModelMetadata').responseSerialize({ name: 'm', versions: ['1'], platform: 'p', inputs: [tensor, tensor], outputs: [tensor], properties: { a: 'b' } });
  assert.deepEqual(decodeModelMetadata(metadata), { platform: 'p', inputs: [tensor, tensor], outputs: [tensor] });
  const config = oipMethod('ModelConfig');
  assert.deepEqual([decodeMaxBatchSize(config.responseSerialize({ config: { max_batch_size: 64 } })), decodeMaxBatchSize(config.responseSerialize({}))], [64, 0]);
});
