import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMaxBatchSize, parseModelMetadata, parseServerMetadata } from '../../../../../frontend/rpc/oip/rest-messages.ts';
import { WireError } from '../../../../../protos/wire.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

test('metadata is read, whatever of it is left out', () => {
  assert.deepEqual(parseServerMetadata(json({ name: 'n', version: '1', extensions: ['a', 3] })), { name: 'n', version: '1', extensions: ['a'] });
  assert.deepEqual(parseServerMetadata(json({})), { name: '', version: '', extensions: [] });
  assert.deepEqual(parseModelMetadata(json({ platform: 'p', inputs: [{ name: 'x', datatype: 'FP32', shape: ['-1', 2] }] })), { platform: 'p', inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }], outputs: [] });
  assert.deepEqual([parseMaxBatchSize(json({ max_batch_size: 8 })), parseMaxBatchSize(json({ max_batch_size: 'x' }))], [8, 0]);
});

test('anything else is refused', () => {
  for (const body of [Buffer.from('no'), json([]), json(null), json({ inputs: {} }), json({ inputs: [{ name: 'x' }] })]) assert.throws(() => parseModelMetadata(body), WireError);
});

test('what a server says of itself is nested no deeper than an answer may be', () => {
  assert.throws(() => parseServerMetadata(Buffer.from(`{"name":${'['.repeat(100)}${']'.repeat(100)}}`)), /nested more than 64 deep/);
});
