import type { Micros } from '../../../frontend/domain/clock.ts';
import { normal } from '../../load/distributions.ts';
import type { RuleSetup } from './rule-setup.ts';
import { ridgeLine } from './ridge-line.ts';
import { expired, type Choice, type Rival, type Waiting } from './rival-batcher.ts';

interface Size { count: number; mean: number; squares: number }

/** What a replica has learned: every batch size that it was ever sent, with all-time mean and variance. */
interface Replica {
  readonly sizes: Map<number, Size>;
  largest: number;
  slowestMicros: number;
  line: { readonly slope: number; readonly level: number } | undefined;
}

/**
 * Clipper as released (ucbrise/clipper 9f25e3f, src/libclipper/src/containers.cpp, `get_batch_size`): the batch is sized
 * to 92 % of what the head has left. Beyond the slowest batch ever seen it explores: the largest size so far until that has
 * 5 samples, then one more (below 10) or a tenth more, give or take. Within it, a ridge regression of the size on mean
 * latency + 3 pooled deviations says how many rows fit. Earliest deadline first; what has expired is dropped.
 *
 * Left out, all in its favour: batches padded with copies of the last query while exploring (what is explored here is what
 * waits), and the replica that sticks after an empty batch.
 */
export class ClipperRelease implements Rival {
  readonly order = 'deadline';
  readonly maxWaiting: number;
  readonly #setup: RuleSetup;
  readonly #replicas = new Map<string, Replica>();

  constructor(setup: RuleSetup) {
    this.#setup = setup;
    this.maxWaiting = setup.maxQueueRows;
  }

  choose(waiting: Waiting, now: Micros, { id }: { readonly id: string }): Choice {
    const drop = expired(waiting, now);
    if (drop === waiting.size) return { drop, take: 0 };
    const budget = 0.92 * (waiting.deadlineAt(drop) - now);
    const replica = this.#replica(id);
    const rows = budget > replica.slowestMicros ? this.#explore(replica) : estimate(replica, budget);
    return { drop, take: Math.min(waiting.size - drop, this.#setup.maxRows, rows) };
  }

  observe({ rows, micros, replica: id }: { rows: number; micros: Micros; replica: string }): void {
    const replica = this.#replica(id);
    let size = replica.sizes.get(rows);
    if (size === undefined) replica.sizes.set(rows, (size = { count: 0, mean: 0, squares: 0 }));
    const off = micros - size.mean;
    size.mean += off / ++size.count;
    size.squares += off * (micros - size.mean);
    replica.largest = Math.max(replica.largest, rows);
    replica.slowestMicros = Math.max(replica.slowestMicros, micros);
    replica.line = undefined;
  }

  #replica(id: string): Replica {
    let replica = this.#replicas.get(id);
    if (replica === undefined) this.#replicas.set(id, (replica = { sizes: new Map(), largest: 1, slowestMicros: 0, line: undefined }));
    return replica;
  }

  #explore({ largest, sizes }: Replica): number {
    if ((sizes.get(largest)?.count ?? 0) < 5) return largest;
    return largest < 10 ? largest + 1 : Math.ceil(largest * (1 + Math.max(0, 0.1 + 0.05 * normal(this.#setup.draw))));
  }
}

function estimate(replica: Replica, budgetMicros: number): number {
  replica.line ??= ridgeLine(points(replica.sizes));
  return Math.max(1, Math.floor(replica.line.level + (replica.line.slope * budgetMicros) / 1000));
}

/** One point a size: its latency with 3 deviations, pooled over sizes with 5 samples or more, in ms; and its rows. */
function points(sizes: ReadonlyMap<number, Size>): { x: number; y: number }[] {
  let squares = 0, freedom = 0;
  for (const { count, squares: own } of sizes.values()) {
    if (count < 5) continue;
    squares += own;
    freedom += count - 1;
  }
  const deviation = freedom === 0 ? 0 : Math.sqrt(squares / freedom);
  return [...sizes].map(([rows, { mean }]) => ({ x: (mean + 3 * deviation) / 1000, y: rows }));
}
