import type { Micros } from '../../../frontend/domain/clock.ts';
import type { RuleSetup } from './rule-setup.ts';
import type { Choice, Rival, Waiting } from './rival-batcher.ts';

/**
 * TensorFlow Serving's SharedBatchScheduler (tensorflow/serving 9d981c5, batching README): a batch closes when it has
 * `max_batch_size` rows or when `batch_timeout_micros` have passed since its first; `max_enqueued_batches` may wait, more is
 * refused. It knows no deadline: what waits too long is computed all the same.
 *
 * Tuned as its documents advise by one who knows the law: `max_batch_size` is the largest b with 2·lat(b) ≤ SLO, one such
 * batch may wait (the library's 10 would make everybody late under overload), and the time-out is a tenth of the SLO.
 */
export class TfServing implements Rival {
  readonly order = 'arrival';
  readonly deaf = true;
  readonly maxWaiting: number;
  readonly #maxBatchSize: number;
  readonly #timeoutMicros: Micros;

  constructor({ steadyRows, sloMicros }: RuleSetup) {
    this.#maxBatchSize = steadyRows;
    this.maxWaiting = steadyRows;
    this.#timeoutMicros = Math.floor(sloMicros / 10);
  }

  choose(waiting: Waiting, now: Micros): Choice {
    if (waiting.size >= this.#maxBatchSize) return { drop: 0, take: this.#maxBatchSize };
    const until = waiting.arrivedAt(0) + this.#timeoutMicros;
    return until > now ? { drop: 0, until } : { drop: 0, take: waiting.size };
  }

  observe(): void {}
}
