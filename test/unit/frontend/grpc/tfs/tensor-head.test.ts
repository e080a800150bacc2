import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTensorHead } from '../../../../../frontend/grpc/tfs/tensor-head.ts';
import { encode } from '../../../../support/tfs-messages.ts';

test('type, shape and where the contents lie, in any order of the fields', () => {
  const content = encode('tensorflow.TensorProto', { tensorContent: Buffer.from('abcd') });
  const rest = encode('tensorflow.TensorProto', { dtype: 1, tensorShape: { dim: [{ size: 2 }, {}, { size: 300 }] }, versionNumber: 3 });
  const message = Buffer.concat([Buffer.from('before'), content, rest, Buffer.from([0x38, 7])]);
  const head = readTensorHead(message, { from: 6, length: message.length - 6 });
  assert.deepEqual([head.dtype, head.number, head.shape], ['float32', 1, [2, 0, 300]]);
  assert.equal(message.toString('latin1', head.content.from, head.content.from + head.content.length), 'abcd');
});

test('an unknown rank, a type that is not served, nothing at all', () => {
  const read = (value: Record<string, unknown>): unknown => {
    const message = encode('tensorflow.TensorProto', value);
    const { dtype, number, shape, content } = readTensorHead(message, { from: 0, length: message.length });
    return [dtype, number, shape, content.length];
  };
  assert.deepEqual(read({ dtype: 8, tensorShape: { unknownRank: true } }), [undefined, 8, undefined, 0]);
  assert.deepEqual(read({}), [undefined, 0, [], 0]);
});
