import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBatch } from '../../../../protos/parse-headers.ts';
import type { BatchHeader, TensorSpec } from '../../../../protos/wire.ts';
import { FrameReader } from '../../../../protos/wire.ts';
import type { ReplicaBatch } from '../../../../frontend/domain/replica.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { BatchEncoder } from '../../../../frontend/rpc/batch-encoder.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import { batchOf, pairQuery, pairRow, queryOf } from '../../../support/batches.ts';

function encode(encoder: BatchEncoder, batch: ReplicaBatch, sharedBytes = 0): { header: BatchHeader; payload: Buffer } {
  const encoded = encoder.encode(batch, 7);
  assert.ok(typeof encoded !== 'string');
  let read: { header: BatchHeader; payload: Buffer } | undefined;
  new FrameReader(({ header, payload, batch: id }) => {
    assert.equal(id, 7);
    read = { header: parseBatch(header, payload.length, sharedBytes), payload: Buffer.from(payload) };
  }).push(Buffer.concat(encoded.pieces));
  encoder.giveBack(encoded);
  assert.ok(read);
  return read;
}
const specs: readonly TensorSpec[] = [{ name: 'x', dtype: 'float32', shape: [2] }];

test('slices of several queries lie one after another, whole queries and parts of them', () => {
  const encoder = new BatchEncoder({ buffers: new SendBuffers() }, specs);
  const batch = { slices: [{ query: pairQuery(1, 2, 3), first: 1, count: 2 }, { query: pairQuery(4), first: 0, count: 1 }], rows: 3, budgetMicros: 9 };
  for (let again = 0; again < 2; again++) {
    const { header, payload } = encode(encoder, batch);
    assert.deepEqual(header, { rows: 3, budget_us: 9, inputs: [{ name: 'x', dtype: 'float32', shape: [2], bytes: 24 }] });
    assert.deepEqual(payload, Buffer.concat([2, 3, 4].map(pairRow)));
  }
});

test('inputs are told apart by name, whatever their order, and gaps between them are zero', () => {
  const buffers = new SendBuffers();
  buffers.give(Buffer.alloc(4096, 0xaa));
  const a = { name: 'a', dtype: 'uint8' as const, shape: [3], rows: [Uint8Array.of(1, 2, 3)] };
  const b = { name: 'b', dtype: 'uint8' as const, shape: [1], rows: [Uint8Array.of(9)] };
  const encoder = new BatchEncoder({ buffers }, [{ name: 'a', dtype: 'uint8', shape: [3] }, { name: 'b', dtype: 'uint8', shape: [1] }]);
  const { payload } = encode(encoder, batchOf(queryOf([a, b]), queryOf([b, a])));
  assert.deepEqual([...payload], [1, 2, 3, 1, 2, 3, 0, 0, 9, 9]);
});

test('ragged rows and bytes carry the length of each row, and its shape', () => {
  const encoder = new BatchEncoder({ buffers: new SendBuffers() }, [{ name: 'x', dtype: 'float32', shape: [-1], ragged: true }]);
  const ragged = queryOf([{ name: 'x', dtype: 'float32', shape: [-1], rows: [pairRow(1), pairRow(2).subarray(0, 4)], shapes: [[2], [1]] }]);
  const even = queryOf([{ name: 'x', dtype: 'float32', shape: [2], rows: [pairRow(5)] }]);
  const { header, payload } = encode(encoder, batchOf(ragged, even));
  assert.deepEqual(header.inputs, [{ name: 'x', dtype: 'float32', shape: [-1], bytes: 20, lengths: [8, 4, 8], shapes: [[2], [1], [2]] }]);
  assert.deepEqual(payload, Buffer.concat([pairRow(1), pairRow(2).subarray(0, 4), pairRow(5)]));
});

/** Memory of one batch, which is at 4096; `works: false` is a system that has no more. */
function oneBatchMemory({ works = true } = {}) {
  const memory = { bytes: Buffer.alloc(0), taken: 0 };
  return Object.assign(memory, {
    take: () => (memory.taken === 0 ? (memory.taken += 4096) : undefined),
    give: (at: number) => void (memory.taken -= at),
    write: (pieces: readonly Uint8Array[]) => {
      memory.bytes = Buffer.concat(pieces);
      return works;
    },
  });
}

test('with shared memory a large payload lies there as it would in its frame, from slabs that are counted and others', () => {
  const slabs = new SlabArena();
  const rowBytes = 24 * 1024;
  const { slab, offset } = slabs.allocate(2 * rowBytes);
  slab.bytes.fill(3, offset, offset + 2 * rowBytes);
  const column = { name: 'x', dtype: 'uint8' as const, shape: [rowBytes], slab, offset, strideBytes: rowBytes, rowBytes };
  const other = { name: 'o', dtype: 'uint8' as const, shape: [3] };
  const query = (fill: number) => {
    const made = queryOf([{ ...other, rows: [Buffer.alloc(3, fill), Buffer.alloc(3, fill)] }, { name: 'x', dtype: 'uint8', shape: [rowBytes], rows: [Buffer.alloc(rowBytes, fill), Buffer.alloc(rowBytes, fill)] }]);
    const columns = made.columns.map((each) => ({ ...each, slab: { ...each.slab, index: -1 } }));
    return { ...made, columns: fill === 3 ? [...columns.slice(0, 1), column] : columns };
  };
  const buffers = new SendBuffers();
  const encoder = new BatchEncoder({ buffers, slabs }, [{ ...other }, { name: 'x', dtype: 'uint8', shape: [rowBytes] }]);
  for (const batch of [batchOf(query(3), query(5)), { ...batchOf(query(5), query(3)), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }]) {
    const { header, payload } = encode(encoder, batch);
    const memory = oneBatchMemory();
    encoder.share(memory);
    const shared = encode(encoder, batch, 1e6);
    assert.deepEqual(shared, { header: { ...header, shared: 4096 }, payload: Buffer.alloc(0) });
    assert.ok(memory.bytes.equals(payload));
    assert.deepEqual(encode(encoder, batch), { header, payload }, 'there was room for one');
    encoder.share(oneBatchMemory({ works: false }));
    assert.deepEqual(encode(encoder, batch), { header, payload }, 'what cannot be written goes in its frame');
    encoder.share({ take: () => undefined, give: () => {}, write: () => false });
  }
  const small = batchOf(queryOf([{ ...other, rows: [Buffer.alloc(3)] }, { name: 'x', dtype: 'uint8', shape: [8], rows: [Buffer.alloc(8)] }]));
  encoder.share(oneBatchMemory());
  assert.equal(encode(encoder, small).payload.length, 16, 'a small one is not worth a call of its own');
  slabs.release(slab);
  assert.deepEqual([buffers.out, slabs.usedSlabs], [0, 0]);
});

test('a batch over the limit of the wire is refused in words, without a buffer', () => {
  const buffers = new SendBuffers();
  const query = pairQuery(1);
  const column = { ...query.columns[0], strideBytes: 2 ** 28, rowBytes: 2 ** 28 };
  const refused = new BatchEncoder({ buffers }, specs).encode(batchOf({ ...query, rows: 2, columns: [column as never] }), 1);
  assert.ok(typeof refused === 'string');
  assert.match(refused, /a batch of 536870912 bytes/);
  assert.equal(buffers.out, 0);
});

test('queries that are not of one kind are a bug, and said to be one', () => {
  const encoder = new BatchEncoder({ buffers: new SendBuffers() }, specs);
  const other = queryOf([{ name: 'y', dtype: 'float32', shape: [2], rows: [pairRow(1)] }]);
  assert.throws(() => encoder.encode(batchOf(pairQuery(1), other), 1), /lack the input "x"/);
  const wide = queryOf([{ name: 'x', dtype: 'float32', shape: [4], rows: [Buffer.concat([pairRow(1), pairRow(2)])] }]);
  assert.throws(() => encoder.encode(batchOf(pairQuery(1), wide), 1), /24 bytes gathered, 16 planned/);
});

/** `rows` rows of `floats` float32 in slabs of `slabs`, one query each, every value that of its row. */
function pooled(slabs: SlabArena, rows: number, floats: number) {
  return Array.from({ length: rows }, (_, row) => {
    const { slab, offset } = slabs.allocate(floats * 4);
    const at = slab.bytes.byteOffset + offset;
    new Float32Array(slab.bytes.buffer, at, floats).fill(row);
    const column = { name: 'x', dtype: 'float32' as const, shape: [floats], slab, offset, strideBytes: floats * 4, rowBytes: floats * 4 };
    return { ...pairQuery(0), batchKey: 'pooled', columns: [column] };
  });
}

test('large rows that lie together leave from where they lie, as one piece for each slab, and are held until they are given back', () => {
  const slabs = new SlabArena({ poison: true });
  const buffers = new SendBuffers();
  const queries = pooled(slabs, 128, 784);
  const encoder = new BatchEncoder({ buffers, slabs }, [{ name: 'x', dtype: 'float32', shape: [784] }]);
  const encoded = encoder.encode(batchOf(...queries), 1);
  assert.ok(typeof encoded !== 'string');
  assert.deepEqual([encoded.pieces.length, encoded.slabs.length, encoded.buffer.length, buffers.out], [3, 2, 4096, 1]);
  const before = Buffer.concat(encoded.pieces);
  for (const { columns } of queries) for (const { slab } of columns) slabs.release(slab);
  assert.ok(Buffer.concat(encoded.pieces).equals(before), 'a slab was used anew, or poisoned, while its rows were on their way');
  encoder.giveBack(encoded);
  assert.deepEqual([slabs.usedSlabs, buffers.out], [0, 0]);
});

test('small batches, and rows in memory that no pool counts, are copied', () => {
  const slabs = new SlabArena();
  const encoder = new BatchEncoder({ buffers: new SendBuffers(), slabs }, [{ name: 'x', dtype: 'float32', shape: [784] }]);
  const foreign = pooled(slabs, 128, 784).map((query) => ({ ...query, columns: query.columns.map((column) => ({ ...column, slab: { index: -1, bytes: column.slab.bytes } })) }));
  for (const queries of [pooled(slabs, 8, 784), foreign]) {
    const encoded = encoder.encode(batchOf(...queries), 1);
    assert.ok(typeof encoded !== 'string');
    assert.deepEqual([encoded.pieces.length, encoded.slabs.length], [1, 0]);
  }
});
