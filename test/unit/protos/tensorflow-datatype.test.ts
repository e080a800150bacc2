import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTYPES } from '../../../protos/dtype.ts';
import { dtypeOfTensorflow, tensorflowNumber, tensorflowWord } from '../../../protos/tensorflow-datatype.ts';
import { decode, encode } from '../../support/tfs-messages.ts';

test('every element type has a number and a word, which are those of the published enum', () => {
  for (const dtype of DTYPES) {
    assert.equal(dtypeOfTensorflow(tensorflowNumber(dtype)), dtype);
    assert.deepEqual(decode('tensorflow.TensorProto', encode('tensorflow.TensorProto', { dtype: tensorflowNumber(dtype) })), { dtype: tensorflowWord(dtype) });
  }
});

test('types that are not served have none of ours', () => {
  for (const number of [0, 8, 11, 18, 20, 21, 101]) assert.equal(dtypeOfTensorflow(number), undefined);
});
