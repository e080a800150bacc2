import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { random } from '../../bench/load/random.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { BatchWorld } from '../support/batch-world.ts';
import { exactLaw } from '../support/exact-law.ts';
import { SEED, seeded } from '../support/random.ts';

const SECOND = 1_000_000;
const SLOW_FROM = 2 * SECOND;
const LOOK_FROM = 12 * SECOND;
const LOOK_UNTIL = 14 * SECOND;
const RUNS = Number(process.env['TRADEWIND_RECOVERIES'] ?? 12);
/** What is lost for good once a replica or a size is given up is far more. */
const LEAST_SHARE = 0.7;

/** How long a batch of `rows` takes in the slow while, of one that takes `micros` otherwise. */
type Slowness = (micros: number, rows: number, by: number, draw: () => number, world: World) => number;

const SLOWNESS: Readonly<Record<string, Slowness>> = {
  // Swapping, a lock, a frozen neighbour: as long for one row as for many.
  stalls: (micros, _, by, __, { sloMicros }) => Math.max(micros, (sloMicros * by) / 4),
  throttled: (micros, _, by) => micros * by,
  overhead: (micros, _, by, __, { beta }) => micros + beta * by,
  'large batches': (micros, rows, by, _, { maxBatch }) => (rows > maxBatch / 4 ? micros * by : micros),
  'odd batches': (micros, _, by, draw) => (draw() < 0.3 ? micros * by : micros),
};

interface World {
  /** Microseconds of a batch: `alpha` a row and `beta`. */
  readonly alpha: number;
  readonly beta: number;
  readonly sloMicros: number;
  readonly maxBatch: number;
}

const worlds = fc.record({
  law: fc.constantFrom([100, 2_000, 20_000], [100, 2_000, 50_000], [1_000, 20_000, 100_000], [2_000, 1_000, 20_000], [10, 500, 5_000], [1_000, 3_000, 50_000]),
  replicas: fc.constantFrom(1, 1, 2, 4), maxBatch: fc.constantFrom(16, 64, 128), load: fc.constantFrom(0.3, 0.8, 1.2, 2), noise: fc.constantFrom(0, 0.1),
  slowness: fc.constantFrom(...Object.keys(SLOWNESS)), by: fc.constantFrom(2, 5, 20), slowMicros: fc.constantFrom(200_000, SECOND, 3 * SECOND), isSlowAll: fc.boolean(), seed: fc.nat(1_000_000),
});

test(seeded('planner: what replicas were slow for a while in whatever way, they are sent as much again as if they had not been'), () => {
  fc.assert(fc.property(worlds, ({ law: [alpha = 0, beta = 0, sloMicros = 0], replicas, maxBatch, load, noise, slowness, by, slowMicros, isSlowAll, seed }) => {
    const world: World = { alpha, beta, sloMicros, maxBatch };
    const law = exactLaw((rows) => beta + alpha * rows);
    // What fits into half the objective, at the pace of all replicas.
    const size = Math.min(maxBatch, Math.max(1, Math.floor((sloMicros / 2 - beta) / alpha)));
    const perSecond = (load * replicas * size * SECOND) / law.meanMicros(size);
    const slow = SLOWNESS[slowness] as Slowness;
    const onTime = (isDisturbed: boolean): number => {
      const draw = random(seed + 1);
      const ends = new BatchWorld({
        controller: new PlannerController({ maxBatch }), latency: new LearnedLatency(), laws: Array.from({ length: replicas }, () => law), seed, maxQueueRows: 4096,
        streams: [{ name: 's', perSecond, sloMicros }],
        took: (replica, rows, now) => {
          const micros = law.meanMicros(rows) * (1 + noise * (2 * draw() - 1));
          const isSlow = isDisturbed && now >= SLOW_FROM && now < SLOW_FROM + slowMicros && (isSlowAll || replica === 0);
          return Math.ceil(isSlow ? slow(micros, rows, by, draw, world) : micros);
        },
      }).play(LOOK_FROM, LOOK_UNTIL);
      return ends.get('s')?.onTime ?? 0;
    };
    const [calm, disturbed] = [onTime(false), onTime(true)];
    assert.ok(disturbed >= LEAST_SHARE * calm, `${disturbed} queries on time, ${calm} without the slow while`);
  }), { seed: SEED, numRuns: RUNS });
});
