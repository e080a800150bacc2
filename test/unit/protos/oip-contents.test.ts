import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtoReader, ProtoWriter } from '../../../protos/protobuf.ts';
import { readTypedContents } from '../../../protos/oip-contents.ts';
import { WireError } from '../../../protos/wire.ts';

// Every dtype goes through here in test/conformance/container-wires.test.ts.
test('numbers are packed or stand one by one, and take the size of their dtype', () => {
  const packed = Buffer.from(new ProtoWriter().packed(2, [1, 258]).bytes);
  const single = Buffer.from(new ProtoWriter().varint(2, 1).varint(2, 258).bytes);
  for (const bytes of [packed, single]) assert.deepEqual([...readTypedContents(new ProtoReader(bytes), 'int16')], [1, 0, 2, 1]);
  assert.deepEqual([...readTypedContents(new ProtoReader(packed), 'int8')], [1, 2]);
});

test('contents of another dtype are refused', () => {
  const of = (field: number): ProtoReader => new ProtoReader(Buffer.from(new ProtoWriter().packed(field, [1]).bytes));
  const refuses = (field: number, dtype: 'float32' | 'uint8' | 'float16', words: RegExp): void => assert.throws(() => readTypedContents(of(field), dtype), (error) => error instanceof WireError && words.test(error.message));
  refuses(7, 'float32', /^fp64_contents for a tensor of dtype float32, whose elements stand in fp32_contents$/);
  refuses(3, 'uint8', /^int64_contents .* whose elements stand in uint_contents$/);
  refuses(6, 'float16', /^fp32_contents .* which comes raw only$/);
  assert.throws(() => readTypedContents(new ProtoReader(Buffer.from(new ProtoWriter().varint(8, 1).bytes)), 'bytes'), WireError);
  assert.equal(readTypedContents(of(77), 'int32').length, 0);
});
