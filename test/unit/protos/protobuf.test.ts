import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtoReader, ProtoWriter, WIRE, varintBytes, writeVarint } from '../../../protos/protobuf.ts';
import { WireError } from '../../../protos/wire.ts';

const seed = Number(process.env['TRADEWIND_SEED'] ?? 1);

test(`a varint comes back, in as many bytes as were told (seed ${seed})`, () => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    const bytes = Buffer.alloc(12);
    const end = writeVarint(bytes, value, 1);
    assert.equal(end, 1 + varintBytes(value));
    assert.equal(new ProtoReader(bytes, 1, end).varint(), value);
  }), { seed });
});

test('fields of every wire type are read or skipped, and a reader stays in its message', () => {
  const inner = Uint8Array.from(new ProtoWriter().text(1, 'ä').packed(3, [1, 300]).bytes);
  const bytes = Buffer.from(new ProtoWriter().varint(1, 300).nested(2, inner).varint(99, 1).bytes);
  const reader = new ProtoReader(Buffer.concat([bytes, Buffer.from([0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4])]));
  const seen: unknown[] = [];
  while (reader.next()) {
    if (reader.field === 1) seen.push(reader.varint());
    else if (reader.field === 2) seen.push(read(reader.message()));
    else reader.skip();
  }
  assert.deepEqual(seen, [300, ['ä', 1, 300]]);
  assert.equal(reader.wire, WIRE.fixed32);
});

function read(inner: ProtoReader): unknown[] {
  const seen: unknown[] = [];
  while (inner.next()) {
    if (inner.field === 1) seen.push(inner.text());
    else inner.varints(() => seen.push(inner.varint()));
  }
  return seen;
}

test('a negative int64 comes as a negative number, and nothing is written where there is nothing', () => {
  const minusOne = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  assert.equal(new ProtoReader(minusOne).varint(), -1);
  assert.equal(new ProtoReader(minusOne).bigVarint(), 2n ** 64n - 1n);
  assert.equal(new ProtoWriter().packed(3, []).bytes.length, 0);
});

test(`bytes that are no message are refused, never read beyond (seed ${seed})`, () => {
  for (const bytes of [[0x80], [0x0a, 5, 1], [0x0b], [0x0d, 1, 2], [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]) {
    const reader = new ProtoReader(Buffer.from(bytes));
    assert.throws(() => {
      while (reader.next()) reader.skip();
    }, WireError);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const reader = new ProtoReader(Buffer.from(bytes));
    try {
      while (reader.next()) reader.skip();
    } catch (error) {
      assert.ok(error instanceof WireError);
    }
  }), { seed });
});
