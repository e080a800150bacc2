import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InputColumn, Query } from '../../frontend/domain/query.ts';
import { BatchEncoder } from '../../frontend/rpc/batch-encoder.ts';
import { SendBuffers } from '../../frontend/rpc/send-buffers.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { queryOf } from '../support/batches.ts';
import { SEED, seeded } from '../support/random.ts';

/** How the rows of an input lie: without gaps, with a gap behind each, or each of a length of its own. */
const lie = fc.constantFrom('dense', 'strided', 'varying');
const inputs = fc.array(fc.record({ lie, rowBytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })) }), { minLength: 1, maxLength: 3 });
const queries = fc.array(fc.record({ rows: fc.integer({ min: 1, max: 6 }), from: fc.nat(5), turned: fc.boolean() }), { minLength: 1, maxLength: 24 });

type Laid = { readonly lie: string; readonly rowBytes: number };

function columnIn(slabs: SlabArena, index: number, { lie: how, rowBytes }: Laid, rows: number, mark: number): InputColumn {
  const strideBytes = how === 'strided' ? rowBytes + 5 : rowBytes;
  const { slab, offset } = slabs.allocate(strideBytes * rows);
  for (let at = 0; at < strideBytes * rows; at++) slab.bytes[offset + at] = (mark * 31 + at * 7 + index) & 0x7f;
  const column = { name: `i${index}`, dtype: 'uint8' as const, shape: [rowBytes], slab, offset, strideBytes, rowBytes };
  if (how !== 'varying') return column;
  const lengths = Array.from({ length: rows }, (_, row) => (row * 5) % (rowBytes + 1));
  return { ...column, dtype: 'bytes', shape: [], rowBytes: -1, spans: { offsets: lengths.map((_, row) => offset + row * rowBytes), lengths } };
}

test(seeded('a batch that leaves in pieces has the bytes of one that is copied whole, and holds its slabs until it is given back'), () => {
  let direct = 0;
  fc.assert(fc.property(inputs, queries, (laid, asked) => {
    const slabs = new SlabArena({ poison: true });
    const buffers = new SendBuffers();
    const slices = asked.map(({ rows, from, turned }, mark) => {
      const columns = laid.map((input, index) => columnIn(slabs, index, input, rows, mark));
      const query: Query = { ...queryOf([]), rows, columns: turned ? columns.toReversed() : columns, batchKey: 'pieces' };
      const first = from % rows;
      return { query, first, count: rows - first };
    });
    const batch = { slices, rows: slices.reduce((sum, { count }) => sum + count, 0), budgetMicros: 5 };
    const whole = new BatchEncoder({ buffers: new SendBuffers() }, []).encode(batch, 9);
    const encoder = new BatchEncoder({ buffers, slabs }, []);
    const pieces = encoder.encode(batch, 9);
    assert.ok(typeof whole !== 'string' && typeof pieces !== 'string');
    if (pieces.slabs.length > 0) direct++;
    const expected = Buffer.concat(whole.pieces);
    for (const { query } of slices) for (const { slab } of query.columns) slabs.release(slab);
    assert.ok(Buffer.concat(pieces.pieces).equals(expected));
    encoder.giveBack(pieces);
    assert.deepEqual([slabs.usedSlabs, buffers.out], [0, 0]);
  }), { seed: SEED, numRuns: 150 });
  assert.ok(direct > 20, `only ${direct} batches left in pieces`);
});
