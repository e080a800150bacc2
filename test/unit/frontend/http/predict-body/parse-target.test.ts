import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchKeyOf } from '../../../../../frontend/domain/batch-key.ts';
import { parseTarget } from '../../../../../frontend/http/predict-body/parse-target.ts';
import { slabs } from '../../../../support/parse-body.ts';

const base = { slabs, sloMinMs: 1, sloMaxMs: 10 };

test('a plan knows sizes beforehand where the shape is fixed', () => {
  const [fixed, open, words] = parseTarget({ ...base, inputs: [{ name: 'a', dtype: 'int16', shape: [2, 3] }, { name: 'b', dtype: 'int16', shape: [-1, 3], ragged: true }, { name: 'c', dtype: 'bytes', shape: [2] }] }).plans;
  assert.deepEqual([fixed?.elements, fixed?.rowBytes, fixed?.open], [6, 12, 0]);
  assert.deepEqual([open?.elements, open?.rowBytes, open?.ragged], [-1, -1, true]);
  assert.deepEqual([words?.elements, words?.rowBytes], [2, -1]);
});

test('the batch key is made once unless a body can change it', () => {
  assert.equal(parseTarget({ ...base, inputs: [{ name: 'a', dtype: 'int8', shape: [2] }] }).batchKey, '"a":int8[2]');
  assert.equal(parseTarget({ ...base, inputs: [{ name: 'a', dtype: 'int8', shape: [-1], ragged: true }] }).batchKey, '"a":int8[-1]');
  assert.equal(parseTarget({ ...base, inputs: [{ name: 'a', dtype: 'int8', shape: [-1] }] }).batchKey, undefined);
});

test('batch keys differ where names only look alike', () => {
  const one = parseTarget({ ...base, inputs: [{ name: 'a":int8[1];"b', dtype: 'int8', shape: [1] }] });
  const two = parseTarget({ ...base, inputs: [{ name: 'a', dtype: 'int8', shape: [1] }, { name: 'b', dtype: 'int8', shape: [1] }] });
  assert.notEqual(one.batchKey, two.batchKey);
  assert.equal(batchKeyOf(two.plans, [[1], [1]]), two.batchKey);
});
