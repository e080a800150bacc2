import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTYPES } from '../../../protos/dtype.ts';
import { OIP_DATATYPE, dtypeOfOip } from '../../../protos/oip-datatype.ts';

test('each dtype has a word of its own, and comes back from it', () => {
  assert.deepEqual(DTYPES.map((dtype) => dtypeOfOip(OIP_DATATYPE[dtype])), DTYPES);
  assert.equal(new Set(Object.values(OIP_DATATYPE)).size, DTYPES.length);
  assert.deepEqual([dtypeOfOip('FP32'), dtypeOfOip('fp32'), dtypeOfOip('toString')], ['float32', undefined, undefined]);
});
