import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringColumn } from '../../../../../frontend/grpc/tfs/string-tensor.ts';
import { readTensorHead } from '../../../../../frontend/grpc/tfs/tensor-head.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { encode } from '../../../../support/tfs-messages.ts';

const slabs = new SlabArena({ poison: true });

/** The rows as text, `a|b`, or the refusal; nothing is held afterwards. */
function read(tensor: Record<string, unknown>, rows: number, elements: number, maxBytes = 1000): readonly string[] | string {
  const message = encode('tensorflow.TensorProto', { dtype: 7, ...tensor });
  const column = stringColumn(message, readTensorHead(message, { from: 0, length: message.length }), { name: 's', shape: [elements], rows, elements }, { slabs, maxRows: 9, maxBytes });
  if ('code' in column) {
    assert.equal(slabs.usedSlabs, 0);
    return column.code;
  }
  const texts = Array.from({ length: rows }, (_, row) => {
    const from = column.spans?.offsets[row] ?? 0;
    const bytes = Buffer.from(column.slab.bytes.subarray(from, from + (column.spans?.lengths[row] ?? 0)));
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32LE(at)) parts.push(bytes.toString('utf8', at + 4, at + 4 + bytes.readUInt32LE(at)));
    return parts.join('|');
  });
  slabs.release(column.slab);
  return texts;
}

test('values row by row, the last one for all that are missing', () => {
  const val = (...texts: string[]): Record<string, unknown> => ({ stringVal: texts.map((text) => Buffer.from(text)) });
  assert.deepEqual(read(val('a', 'é', '', 'd'), 2, 2), ['a|é', '|d']);
  assert.deepEqual(read(val('a', 'b'), 2, 2), ['a|b', 'b|b']);
  assert.deepEqual(read({}, 1, 2), ['|']);
});

test('contents: all lengths, then all bytes', () => {
  assert.deepEqual(read({ tensorContent: Buffer.from([1, 0, 2, ...Buffer.from('abc')]) }, 3, 1), ['a', '', 'bc']);
});

test('what cannot be is refused', () => {
  assert.equal(read({ stringVal: [Buffer.from('a'), Buffer.from('b')] }, 1, 1), 'wrong_shape');
  assert.equal(read({ tensorContent: Buffer.from([9, 0]) }, 2, 1), 'wrong_shape');
  assert.equal(read({ tensorContent: Buffer.from([1, 0x61, 0x62]) }, 1, 1), 'wrong_shape');
  assert.equal(read({ tensorContent: Buffer.from([1]) }, 3, 1), 'wrong_shape');
  assert.equal(read({ stringVal: [Buffer.alloc(100)] }, 9, 100), 'body_too_large');
});
