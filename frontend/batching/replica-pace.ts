import type { Micros } from '../domain/clock.ts';
import type { ReplicaId } from '../domain/replica.ts';
import { DecayedRate } from './decayed-rate.ts';

const FOLD_MICROS = 50_000;
const MEMORY_MICROS = 2_000_000;

interface Pace {
  loneMicros: Micros;
  readonly good: DecayedRate;
}

/** What the time of each replica is worth: how fast it is beside the others, and what it gets done in time. */
export class ReplicaPace {
  readonly #paces = new Map<ReplicaId, Pace>();
  #foldedAtMicros: Micros = -1;

  /** A batch of the replica ended, `good` rows of it on time; one row alone takes it `loneMicros`. */
  observe(replica: ReplicaId, good: number, loneMicros: Micros): void {
    let pace = this.#paces.get(replica);
    if (pace === undefined) {
      pace = { loneMicros, good: new DecayedRate({ memoryMicros: MEMORY_MICROS }) };
      this.#paces.set(replica, pace);
    }
    pace.loneMicros = loneMicros;
    pace.good.add(good);
  }

  fold(now: Micros): void {
    if (this.#foldedAtMicros === -1) this.#foldedAtMicros = now;
    const passedMicros = now - this.#foldedAtMicros;
    if (passedMicros < FOLD_MICROS) return;
    this.#foldedAtMicros = now;
    for (const { good } of this.#paces.values()) good.fold(passedMicros);
  }

  /** Rows that it answers on time per microsecond. */
  goodRate(replica: ReplicaId): number {
    return this.#paces.get(replica)?.good.perMicro ?? 0;
  }

  /** What one row alone takes the quickest replica; Infinity where nothing is known. */
  get leastLoneMicros(): Micros {
    let least = Number.POSITIVE_INFINITY;
    for (const { loneMicros } of this.#paces.values()) if (loneMicros < least) least = loneMicros;
    return least;
  }

  /** The part of this replica's time that the quickest one needs for the same: 1 where that is itself or nothing is known. */
  quickest(replica: ReplicaId): number {
    const own = this.#paces.get(replica)?.loneMicros ?? 0;
    return own > 0 ? this.leastLoneMicros / own : 1;
  }

  forget(replica: ReplicaId): void {
    this.#paces.delete(replica);
  }
}
