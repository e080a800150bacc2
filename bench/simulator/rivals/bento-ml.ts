import type { Micros } from '../../../frontend/domain/clock.ts';
import type { RuleSetup } from './rule-setup.ts';
import type { Choice, Rival, Waiting } from './rival-batcher.ts';

const KEPT = 50;
const SKIPPED = 2;
const REFRESH_MICROS = 5_000_000;
const TICK_MICROS = 1000;
const DECAY = 0.95;

/**
 * BentoML's CorkDispatcher (bentoml/BentoML 32230a5, src/_bentoml_impl/… dispatcher.py): duration = a·n + b by least squares
 * over the last 50 batches, anew every 5 s (before that a = min(2, 2·max/30) ms, b = min(1, max/30) ms). While the head,
 * with everybody who waits, would not make `max_latency_ms`, the head is cancelled; while a tick's wait costs less than
 * 0.95 of the mean wait, it waits a tick of 1 ms; else it sends up to `max_batch_size`, which is never derived from latency:
 * here the largest size that one alone can do in the SLO. Equal sizes make its least squares degenerate: the shortest
 * solution is taken, as numpy's `lstsq` does.
 *
 * Left out, in its favour: the eleven training calls, and the polls while a batch is under way.
 */
export class BentoMl implements Rival {
  readonly order = 'arrival';
  readonly maxWaiting: number;
  readonly #sloMs: number;
  readonly #maxBatchSize: number;
  readonly #samples: { rows: number; ms: number; waitMs: number }[] = [];
  #seen = 0;
  #a: number;
  #b: number;
  #waitMs: number;
  #refreshAt: Micros = -Infinity;

  constructor({ sloMicros, maxRows, maxQueueRows, exactMicros }: RuleSetup) {
    this.maxWaiting = maxQueueRows;
    this.#sloMs = sloMicros / 1000;
    let size = 1;
    while (size < maxRows && exactMicros(size + 1, '') <= sloMicros) size++;
    this.#maxBatchSize = size;
    this.#a = Math.min(2, (2 * this.#sloMs) / 30);
    this.#b = Math.min(1, this.#sloMs / 30);
    this.#waitMs = this.#sloMs * 0.01;
  }

  choose(waiting: Waiting, now: Micros): Choice {
    let drop = 0;
    for (; waiting.size - drop > 1; drop++) {
      const headWaitedMs = (now - waiting.arrivedAt(drop)) / 1000;
      if (headWaitedMs + this.#a * (waiting.size - drop) + this.#b < this.#sloMs) break;
    }
    const count = waiting.size - drop;
    if (count === 1 && now - waiting.arrivedAt(drop) >= this.#sloMs * 1000) return { drop: drop + 1, take: 0 };
    const newestWaitedMs = (now - waiting.arrivedAt(waiting.size - 1)) / 1000;
    if (count < this.#maxBatchSize && count * (newestWaitedMs + TICK_MICROS / 1000 + this.#a) <= DECAY * this.#waitMs) return { drop, until: now + TICK_MICROS };
    return { drop, take: Math.min(count, this.#maxBatchSize) };
  }

  observe({ rows, micros, waitedMicros }: { rows: number; micros: Micros; waitedMicros: Micros }, now: Micros): void {
    if (this.#seen++ < SKIPPED) return;
    this.#samples.push({ rows, ms: micros / 1000, waitMs: waitedMicros / 1000 });
    if (this.#samples.length > KEPT) this.#samples.shift();
    if (now < this.#refreshAt || this.#samples.length < 3) return;
    this.#refreshAt = now + REFRESH_MICROS;
    this.#refresh();
  }

  #refresh(): void {
    const count = this.#samples.length;
    const sum = (of: (sample: { rows: number; ms: number; waitMs: number }) => number): number => this.#samples.reduce((total, sample) => total + of(sample), 0);
    const meanRows = sum(({ rows }) => rows) / count, meanMs = sum(({ ms }) => ms) / count;
    const variance = sum(({ rows }) => (rows - meanRows) ** 2);
    if (variance === 0) {
      this.#a = (meanRows * meanMs) / (meanRows ** 2 + 1);
      this.#b = meanMs / (meanRows ** 2 + 1);
    } else {
      this.#a = sum(({ rows, ms }) => (rows - meanRows) * (ms - meanMs)) / variance;
      this.#b = meanMs - this.#a * meanRows;
    }
    this.#a = Math.max(1e-6, this.#a);
    this.#b = Math.max(0, this.#b);
    this.#waitMs = sum(({ waitMs }) => waitMs) / count;
  }
}
