import { PredictionCache } from '../../frontend/cache/prediction-cache.ts';
import type { Query } from '../../frontend/domain/query.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { random } from '../load/random.ts';

const FEATURES = 64;
/** Inputs of 256 bytes each: more than a core's first two caches hold. */
const ROWS = 8192;

export interface CacheRun {
  readonly hits: number;
  readonly cpuMicrosPerHit: number;
  readonly hitsPerSecond: number;
}

/**
 * Rows of 64 float32 that the cache knows: the whole key hashed and compared, the answer given. Queries come one after the
 * other through memory, as the door parses them; the entries that they find were kept in an order far from that.
 */
export class CacheHits {
  readonly #slabs = new SlabArena();
  readonly #cache = new PredictionCache<object>({ maxBytes: 64 * 2 ** 20, slabs: this.#slabs, seed: [1, 2] });
  readonly #scope = this.#cache.open('m@1');
  readonly #queries: readonly Query[];

  constructor(seed: number) {
    const draw = random(seed);
    this.#queries = Array.from({ length: ROWS }, (_, slot) => this.#query(slot, draw));
    for (let i = 0; i < ROWS; i++) {
      const label = farFrom(i);
      const query = this.#queries[label] as Query;
      this.#cache.find(this.#scope, query, 0, 0);
      const entry = this.#cache.reserve(this.#scope, query, 0, {});
      if (entry === undefined) throw new Error('the cache took no more rows');
      this.#cache.fill(entry, { source: 'model', output: { kind: 'label', label } }, 0);
    }
  }

  run(hits: number): CacheRun {
    const cache = this.#cache;
    const before = process.cpuUsage();
    for (let i = 0; i < hits; i++) {
      const query = this.#queries[i % ROWS] as Query;
      const row = cache.find(this.#scope, query, 0, i)?.row;
      if (row === undefined || cache.give(row).source !== 'model') throw new Error(`row ${i} was not found`);
    }
    const { user, system } = process.cpuUsage(before);
    return { hits, cpuMicrosPerHit: (user + system) / hits, hitsPerSecond: (hits * 1e6) / (user + system) };
  }

  #query(slot: number, draw: () => number): Query {
    const rowBytes = FEATURES * 4;
    const { slab, offset } = this.#slabs.allocate(rowBytes);
    new Float32Array(slab.bytes.buffer, slab.bytes.byteOffset + offset, FEATURES).forEach((_, i, floats) => { floats[i] = draw(); });
    return {
      slot, app: 'app-0', arrivedAtMicros: 0, sloMicros: 20_000, deadlineAtMicros: 20_000, rows: 1, many: false, batchKey: 'k', explain: false,
      columns: [{ name: 'x', dtype: 'float32', shape: [FEATURES], slab, offset, strideBytes: rowBytes, rowBytes }],
    };
  }
}

/** The `i`-th of the rows in an order that has each once, and neighbours far apart. */
function farFrom(i: number): number {
  return (i * 2_654_435_761) % ROWS;
}
