import type { Micros } from '../../../frontend/domain/clock.ts';
import type { ReplicaView } from '../../../frontend/domain/replica.ts';
import type { RuleSetup } from './rule-setup.ts';
import type { Choice, Rival, Waiting } from './rival-batcher.ts';

/**
 * "Largest feasible batch, by rate", given the exact law: among the sizes b for which b waiting tasks can all still finish
 * in time, the one with the greatest b / lat(b); what is too old for it is let go, or left where there are other replicas, one
 * of which could still do it alone. What a good engineer would write who knows the law.
 *
 * `margin`: the law is taken for so much longer, as a share of itself. `waits`: while every waiting task would go and the
 * first of them could still make a batch of one more, it waits for the next arrival.
 */
export class ByRate implements Rival {
  readonly order = 'deadline';
  readonly maxWaiting: number;
  readonly #setup: RuleSetup;
  readonly #margin: number;
  readonly #waits: boolean;
  /** Of one row alone, on the quickest of several replicas; Infinity where there is one. */
  readonly #elsewhereMicros: Micros;
  readonly #latencies = new Map<string, Float64Array>();

  constructor(setup: RuleSetup, how: { margin?: number; waits?: boolean } = {}) {
    this.#setup = setup;
    this.maxWaiting = setup.maxQueueRows;
    this.#margin = how.margin ?? 0;
    this.#waits = how.waits ?? false;
    const { replicas } = setup;
    this.#elsewhereMicros = replicas.length > 1 ? Math.min(...replicas.map((replica) => this.#latenciesOf(replica)[1] ?? Infinity)) : Infinity;
  }

  choose(waiting: Waiting, now: Micros, replica: ReplicaView): Choice {
    const latencies = this.#latenciesOf(replica.id);
    const most = Math.min(waiting.size, this.#setup.maxRows);
    let drop = 0, best = 0, bestRate = 0, bestDrop = 0;
    for (let rows = 1; rows <= most; rows++) {
      const micros = latencies[rows] ?? Infinity;
      while (drop < waiting.size && waiting.deadlineAt(drop) < now + micros) drop++;
      if (waiting.size - drop < rows) break; // More rows take longer, and fewer can make it.
      if (rows / micros >= bestRate) {
        best = rows;
        bestRate = rows / micros;
        bestDrop = drop;
      }
    }
    if (best === 0) return { drop: this.#hopeless(waiting, now, waiting.size), take: 0 };
    if (this.#waits && bestDrop + best === waiting.size && best < this.#setup.maxRows) {
      const until = waiting.deadlineAt(bestDrop) - (latencies[best + 1] ?? Infinity);
      if (until > now) return { drop: 0, until };
    }
    const hopeless = this.#hopeless(waiting, now, bestDrop);
    return hopeless === bestDrop ? { drop: bestDrop, take: best } : { drop: hopeless, skip: bestDrop - hopeless, take: best };
  }

  /** Of the first `count`, which this replica leaves out, how many no other can do either. */
  #hopeless(waiting: Waiting, now: Micros, count: number): number {
    let hopeless = 0;
    while (hopeless < count && waiting.deadlineAt(hopeless) < now + this.#elsewhereMicros) hopeless++;
    return hopeless;
  }

  observe(): void {}

  #latenciesOf(replica: string): Float64Array {
    let latencies = this.#latencies.get(replica);
    if (latencies === undefined) {
      latencies = Float64Array.from({ length: this.#setup.maxRows + 2 }, (_, rows) => (rows === 0 ? 0 : Math.round(this.#setup.exactMicros(rows, replica) * (1 + this.#margin))));
      this.#latencies.set(replica, latencies);
    }
    return latencies;
  }
}
