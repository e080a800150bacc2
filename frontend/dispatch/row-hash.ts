import type { Query } from '../domain/query.ts';

/**
 * A hash of what one row holds, seeded so that nobody outside can make two rows meet: it names inputs that killed replicas.
 * 53 bits: two lanes of the 32-bit finaliser of MurmurHash3 (Appleby, public domain), over every byte of every input.
 */
export function rowHasher(seed: number): (query: Query, row: number) => number {
  return (query, row) => {
    const lanes = { a: seed | 0, b: (seed ^ 0x9e3779b9) | 0 };
    for (const column of query.columns) {
      const start = column.spans?.offsets[row] ?? column.offset + row * column.strideBytes;
      const length = column.spans?.lengths[row] ?? column.rowBytes;
      // The length keeps apart what the seams between inputs would join.
      stir(lanes, length);
      for (let at = start; at < start + length; at++) stir(lanes, column.slab.bytes[at] ?? 0);
    }
    return (finish(lanes.a) >>> 0) * 2 ** 21 + (finish(lanes.b) >>> 11);
  };
}

function stir(lanes: { a: number; b: number }, value: number): void {
  lanes.a = Math.imul(lanes.a ^ value, 0x85ebca6b);
  lanes.a ^= lanes.a >>> 15;
  lanes.b = Math.imul(lanes.b ^ value, 0xc2b2ae35);
  lanes.b ^= lanes.b >>> 13;
}

function finish(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
