import type { Micros } from '../../../frontend/domain/clock.ts';
import type { RuleSetup } from './rule-setup.ts';
import { expired, type Choice, type Rival, type Waiting } from './rival-batcher.ts';

/**
 * Crankshaw et al., "Clipper: A Low-Latency Online Prediction Serving System", NSDI 2017, section 4.3.1, with the constants
 * of the authors' prototype: the size starts at 1; after a batch that took less than 90 % of the SLO it is that batch's
 * rows and 2, after one that took less than the SLO it stays, else it is nine tenths of the batch's rows. First come, first
 * served; what has expired at the head is dropped; nothing is held back. The size is per replica, as the queues were.
 */
export class ClipperPaper implements Rival {
  readonly order = 'arrival';
  readonly maxWaiting: number;
  readonly #setup: RuleSetup;
  readonly #sizes = new Map<string, number>();

  constructor(setup: RuleSetup) {
    this.#setup = setup;
    this.maxWaiting = setup.maxQueueRows;
  }

  choose(waiting: Waiting, now: Micros, replica: { readonly id: string }): Choice {
    const drop = expired(waiting, now);
    return { drop, take: Math.min(waiting.size - drop, this.#sizes.get(replica.id) ?? 1) };
  }

  observe({ rows, micros, replica }: { rows: number; micros: Micros; replica: string }): void {
    const { sloMicros, maxRows } = this.#setup;
    const size = this.#sizes.get(replica) ?? 1;
    if (micros < 0.9 * sloMicros) this.#sizes.set(replica, Math.min(maxRows, Math.max(size, rows + 2)));
    else if (micros >= sloMicros) this.#sizes.set(replica, Math.max(1, Math.floor(0.9 * rows)));
  }
}
