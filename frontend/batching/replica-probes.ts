import type { Micros } from '../domain/clock.ts';
import type { ReplicaId } from '../domain/replica.ts';
import { Probing } from './probing.ts';

/**
 * When a replica that would be sent nothing, because by its estimate nothing comes back in time, is tried all the same: an
 * estimate that no batch corrects any more would lock it out for good. It may come from a record of the last run, from a
 * slow warm-up, or from a slow while of this replica in which others did its work.
 */
export class ReplicaProbes {
  readonly #probings = new Map<ReplicaId, Probing>();

  /** As `Probing.take`, of this replica; never before it has gone without for the shortest gap. */
  take(replica: ReplicaId, now: Micros, serviceMicros: number): boolean {
    return this.#of(replica, now).take(now, serviceMicros);
  }

  /** A batch of it ended that was no probe: it is not locked out. */
  worked(replica: ReplicaId, now: Micros): void {
    this.#of(replica, now).putOff(now);
  }

  /** A probe of it took no longer than an objective. */
  succeeded(replica: ReplicaId, now: Micros): void {
    this.#of(replica, now).succeeded(now);
  }

  forget(replica: ReplicaId): void {
    this.#probings.delete(replica);
  }

  #of(replica: ReplicaId, now: Micros): Probing {
    let probing = this.#probings.get(replica);
    if (probing === undefined) {
      probing = new Probing();
      probing.putOff(now);
      this.#probings.set(replica, probing);
    }
    return probing;
  }
}
