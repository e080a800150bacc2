import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warmUp } from '../../../../model-containers/typescript/warm-up.ts';

const inputs = [{ name: 'x', dtype: 'float32', shape: [-1, 2] }, { name: 'w', dtype: 'bytes', shape: [] }] as const;

test('each size is predicted on zeros, free extents being 1', async () => {
  const seen: unknown[] = [];
  await warmUp({ inputs, warmUp: [1, 3] }, (batch) => {
    seen.push([batch.rows, batch.inputs['x']?.shape, batch.inputs['x']?.data.length, batch.inputs['w']?.data.length]);
    return {};
  });
  assert.deepEqual(seen, [[1, [1, 1, 2], 2, 1], [3, [3, 1, 2], 6, 3]]);
});

test('what fails, or breaks the signature, or cannot be made up, fails the start', async () => {
  await assert.rejects(warmUp({ inputs, warmUp: [2] }, () => { throw new Error('no memory'); }), { name: 'StartError', message: /^warm-up with 2 rows failed: no memory \(warm-up\.test\.ts:\d+\)$/u });
  await assert.rejects(warmUp({ inputs, outputs: [{ name: 'y', dtype: 'int8', shape: [] }], warmUp: [2] }, () => ({ y: new Int8Array(1) })), /warm-up with 2 rows failed: output y/);
  await assert.rejects(warmUp({ warmUp: [2] }, () => ({})), /needs the signature/);
  await assert.rejects(warmUp({ inputs, maxBatch: 2, warmUp: [3] }, () => ({})), /size 3 is not from 1 to 2/);
  await warmUp({}, () => { throw new Error('not called'); });
});
