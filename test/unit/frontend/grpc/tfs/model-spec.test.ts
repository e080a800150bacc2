import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelSpec, readOnlyModelSpec, writeModelSpec } from '../../../../../frontend/grpc/tfs/model-spec.ts';
import { ProtoReader } from '../../../../../protos/protobuf.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';

test('name, signature, and at most one of version and label', () => {
  const read = (value: Record<string, unknown>): unknown => readModelSpec(new ProtoReader(encode('ModelSpec', value)));
  assert.deepEqual(read({}), { name: '', signatureName: '' });
  assert.deepEqual(read({ name: 'm', version: { value: 3 }, signatureName: 's' }), { name: 'm', signatureName: 's', version: 3 });
  assert.deepEqual(read({ name: 'm', versionLabel: 'stable' }), { name: 'm', signatureName: '', label: 'stable' });
  assert.deepEqual(read({ name: 'm', version: {} }), { name: 'm', signatureName: '', version: 0 });
});

test('of version and label the last one counts', () => {
  const twice = Buffer.concat([encode('ModelSpec', { versionLabel: 'stable' }), encode('ModelSpec', { version: { value: 2 } })]);
  assert.deepEqual(readModelSpec(new ProtoReader(twice)), { name: '', signatureName: '', version: 2 });
  const other = Buffer.concat([encode('ModelSpec', { version: { value: 2 } }), encode('ModelSpec', { versionLabel: 'stable' })]);
  assert.deepEqual(readModelSpec(new ProtoReader(other)), { name: '', signatureName: '', label: 'stable' });
});

test('what surrounds it, and fields nobody knows, are passed over', () => {
  const message = Buffer.concat([encode('GetModelMetadataRequest', { modelSpec: { name: 'm' }, metadataField: ['x'] }), Buffer.from([0xf8, 0x07, 0x01])]);
  assert.deepEqual(readOnlyModelSpec(new ProtoReader(message)), { name: 'm', signatureName: '' });
});

test('what is written is read by others', () => {
  assert.deepEqual(decode('ModelSpec', writeModelSpec('m', 300, 'serving_default')), { name: 'm', version: { value: '300' }, signatureName: 'serving_default' });
});
