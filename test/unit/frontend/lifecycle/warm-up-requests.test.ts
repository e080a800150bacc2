import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_RECORDED, warmUpOf, warmUpQuery, warmUpSizes, zeros } from '../../../../frontend/lifecycle/warm-up-requests.ts';
import { BatchEncoder } from '../../../../frontend/rpc/batch-encoder.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import type { TensorSpec } from '../../../../protos/wire.ts';
import { makeModel } from '../../../support/specs.ts';

test('sizes are those that the model names, else those that batches are filled up to, as far as the replica takes them', () => {
  const batching = { controller: 'fixed' as const, maxBatch: 64, maxQueueRows: 9, allowedBatchSizes: [4, 16, 64] };
  assert.deepEqual(warmUpSizes(makeModel(), 100), []);
  assert.deepEqual(warmUpSizes(makeModel({ batching }), 32), [4, 16]);
  assert.deepEqual(warmUpSizes(makeModel({ batching, warmUp: { sizes: [8, 1, 8], repeat: 1, timeoutMs: 1 } }), 100), [1, 8]);
  assert.deepEqual([warmUpOf(makeModel()).repeat, MOST_RECORDED], [2, 1000]);
});

test('rows of zeros of every dtype and shape go through the wire\'s encoder', () => {
  const inputs: readonly TensorSpec[] = [
    { name: 'f', dtype: 'float32', shape: [2, -1] }, { name: 't', dtype: 'bytes', shape: [3] }, { name: 'r', dtype: 'int64', shape: [-1], ragged: true }, { name: 's', dtype: 'bool', shape: [] },
  ];
  const { name, query } = zeros(inputs, 5);
  assert.equal(name, '5 rows of zeros');
  assert.deepEqual(query.columns.map(({ shape, rowBytes }) => [shape, rowBytes]), [[[2, 1], 8], [[3], 12], [[1], 8], [[], 1]]);
  const encoded = new BatchEncoder({ buffers: new SendBuffers() }, inputs).encode({ slices: [{ query, first: 0, count: 5 }], rows: 5, budgetMicros: 1 }, 1);
  assert.ok(typeof encoded !== 'string' && (encoded.pieces[0]?.length ?? 0) > 5 * (8 + 12 + 8 + 1));
  assert.equal(zeros(inputs, 1).name, '1 row of zeros');
});

test('a query of a recorded body keeps the key that it was parsed with', () => {
  const { columns } = zeros([{ name: 'x', dtype: 'float32', shape: [2] }], 1).query;
  assert.equal(warmUpQuery({ columns, rows: 1, many: false, batchKey: 'k' }).batchKey, 'k');
  assert.equal(warmUpQuery({ columns, rows: 1, many: false }).batchKey, '"x":float32[2]');
});
