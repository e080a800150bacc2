import type { Micros } from '../../../frontend/domain/clock.ts';
import type { RuleSetup } from './rule-setup.ts';
import type { Choice, Rival, Waiting } from './rival-batcher.ts';

/**
 * Triton's dynamic batcher (triton core 73aad7c, src/dynamic_batch_scheduler.cc): the largest preferred size that waits is
 * sent at once; else what waits goes when its first has waited `max_queue_delay_microseconds`. The queue policy rejects what
 * has waited longer than `default_timeout_microseconds`, found when a batch is formed.
 *
 * Tuned by one who knows the law: preferred and largest size b with 2·lat(b) ≤ SLO, a delay of a tenth of the SLO, and a
 * time-out of SLO − lat(b), so that what is sent is on time.
 */
export class Triton implements Rival {
  readonly order = 'arrival';
  readonly deaf = true;
  readonly maxWaiting: number;
  readonly #preferred: number;
  readonly #delayMicros: Micros;
  readonly #timeoutMicros: Micros;

  constructor({ steadyRows, sloMicros, maxQueueRows, exactMicros }: RuleSetup) {
    this.maxWaiting = maxQueueRows;
    this.#preferred = steadyRows;
    this.#delayMicros = Math.floor(sloMicros / 10);
    this.#timeoutMicros = sloMicros - exactMicros(steadyRows, '');
  }

  choose(waiting: Waiting, now: Micros): Choice {
    let drop = 0;
    while (drop < waiting.size && now - waiting.arrivedAt(drop) > this.#timeoutMicros) drop++;
    const left = waiting.size - drop;
    if (left >= this.#preferred) return { drop, take: this.#preferred };
    const until = waiting.arrivedAt(drop) + this.#delayMicros;
    return left > 0 && until > now ? { drop, until } : { drop, take: left };
  }

  observe(): void {}
}
