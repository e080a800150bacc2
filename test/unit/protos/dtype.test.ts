import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTYPE_BYTES, DTYPES, isDtype } from '../../../protos/dtype.ts';

test('every dtype has a size, and nothing else is a dtype', () => {
  assert.equal(DTYPES.length, 14);
  for (const dtype of DTYPES) assert.ok(isDtype(dtype) && DTYPE_BYTES[dtype] >= 0);
  for (const word of ['FP32', 'float', '__proto__', 'constructor', '', 4, null]) assert.equal(isDtype(word), false);
});
