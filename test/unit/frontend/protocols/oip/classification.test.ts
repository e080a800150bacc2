import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerTensor } from '../../../../../frontend/protocols/answer-tensors.ts';
import { classified } from '../../../../../frontend/protocols/oip/classification.ts';
import type { Dtype } from '../../../../../protos/dtype.ts';

function tensor(dtype: Dtype, shape: readonly number[], data: Uint8Array): AnswerTensor {
  return { name: 'p', dtype, shape, bytes: data.length, write: (target, at) => target.set(data, at) };
}
function words(of: AnswerTensor | undefined): unknown {
  if (of === undefined) return undefined;
  const data = Buffer.alloc(of.bytes);
  of.write(data, 0);
  const found: string[] = [];
  for (let at = 0; at < data.length; at += 4 + data.readUInt32LE(at)) found.push(data.toString('utf8', at + 4, at + 4 + data.readUInt32LE(at)));
  return [of.dtype, of.shape, found];
}

test('the greatest of each row, greatest first, ties by index, with class names where there are some', () => {
  const scores = tensor('float32', [2, 3], new Uint8Array(Float32Array.of(0.25, 0.5, 0.25, 1, 0, 1).buffer));
  assert.deepEqual(words(classified(scores, 2, undefined)), ['bytes', [2, 2], ['0.500000:1', '0.250000:0', '1.000000:0', '1.000000:2']]);
  assert.deepEqual(words(classified(scores, 1, ['a', 'b', 'c'])), ['bytes', [2, 1], ['0.500000:1:b', '1.000000:0:a']]);
  assert.deepEqual(words(classified(scores, 99, undefined)), ['bytes', [2, 3], ['0.500000:1', '0.250000:0', '0.250000:2', '1.000000:0', '1.000000:2', '0.000000:1']]);
});

test('a score that is NaN is behind all others, and does not disturb their order', () => {
  const scores = tensor('float32', [1, 5], new Uint8Array(Float32Array.of(0.25, Number.NaN, 0.5, Number.NaN, 0.75).buffer));
  assert.deepEqual(words(classified(scores, 5, undefined)), ['bytes', [1, 5], ['0.750000:4', '0.500000:2', '0.250000:0', 'NaN:1', 'NaN:3']]);
});

test('whole numbers keep all their digits; texts have no classes', () => {
  assert.deepEqual(words(classified(tensor('int64', [1, 2], new Uint8Array(BigInt64Array.of(1n, 2n ** 62n).buffer)), 1, undefined)), ['bytes', [1, 1], ['4611686018427387904:1']]);
  assert.equal(classified(tensor('bytes', [1], new Uint8Array(4)), 1, undefined), undefined);
});
