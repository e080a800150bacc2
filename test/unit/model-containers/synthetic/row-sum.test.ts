import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillOutput, firstElement, rowSums } from '../../../../model-containers/synthetic/row-sum.ts';

test('the sum of a row runs over all inputs, each in its own way', () => {
  const inputs = {
    f: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    h: { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
    b: { dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0x4000) },
    i: { dtype: 'int64', shape: [2], data: BigInt64Array.of(10n, -1n) },
    w: { dtype: 'bytes', shape: [2], data: [Buffer.from('abc'), Buffer.from('')] },
    r: { dtype: 'int8', shape: [2, -1], data: Int8Array.of(100, 1, 1), rowShapes: [[1], [2]] },
  } as const;
  assert.deepEqual([...rowSums(inputs, 2)], [3 + 1 + 1 + 10 + 3 + 100, 7 - 2 + 2 - 1 + 0 + 2]);
  assert.equal(firstElement(inputs, 1), 3);
  assert.equal(firstElement({ r: inputs.r }, 1), 1);
  assert.ok(Number.isNaN(firstElement({ e: { dtype: 'int8', shape: [1, 0], data: new Int8Array(0) } }, 0)));
});

test('an output takes the sum in its own dtype, in every element', () => {
  const values = Float64Array.of(2, -1.5);
  const fill = (dtype: Parameters<typeof fillOutput>[0]['dtype'], shape: readonly number[] = []): unknown[] => [...fillOutput({ name: 'y', dtype, shape }, values)];
  assert.deepEqual(fill('float32', [2]), [2, 2, -1.5, -1.5]);
  assert.deepEqual(fill('int64'), [2n, -1n]);
  assert.deepEqual(fill('float16'), [0x4000, 0xbe00]);
  assert.deepEqual(fill('bfloat16'), [0x4000, 0xbfc0]);
  assert.deepEqual(fill('bool'), [1, 1]);
  assert.deepEqual(fill('bytes').map(String), ['2', '-1.5']);
});
