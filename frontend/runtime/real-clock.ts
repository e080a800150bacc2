import type { Clock, Micros } from '../domain/clock.ts';
import { WakeHeap } from './wake-heap.ts';

/** What setTimeout can count; a wake beyond it is reached in several waits. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * The process's monotonic time, from its start. One timer for all wakes, set for the earliest: a wake comes up to 1.1 ms
 * after its time (setTimeout counts whole milliseconds), never before it.
 *
 * A wake taken back leaves the timer as it is: when it fires, nothing is due, and it is set anew. That is cheaper than
 * to set it with every change, since what is waited for mostly moves later.
 */
export class RealClock implements Clock {
  readonly #wakes = new WakeHeap();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #deferred: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;

  /** Wakes and deferred calls that are outstanding. For leak checks. */
  get pending(): number {
    return this.#wakes.size + this.#deferred.length;
  }

  now(): Micros {
    return Math.floor(performance.now() * 1000);
  }

  wakeAt(at: Micros, wake: () => void): () => void {
    const entry = this.#wakes.add(at, wake);
    if (at < this.#timerAt) this.#arm();
    return () => this.#wakes.remove(entry);
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
    this.#immediate ??= setImmediate(() => this.#runDeferred());
  }

  /** Drops everything outstanding, so that nothing here keeps the process alive. */
  close(): void {
    this.#wakes.clear();
    this.#deferred = [];
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = this.#wakes.next();
    if (this.#timerAt === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.ceil((this.#timerAt - this.now()) / 1000);
    this.#timer = setTimeout(() => this.#runDue(), Math.min(Math.max(waitMs, 1), LONGEST_WAIT_MS));
  }

  /** Runs what was due when it began; what the calls add waits for the next time, even where it is due already. */
  #runDue(): void {
    this.#timer = undefined;
    // While it runs, added wakes need no timer: it is set once at the end, also when a call throws.
    this.#timerAt = Number.NEGATIVE_INFINITY;
    try {
      const now = this.now();
      const { added } = this.#wakes;
      for (let wake = this.#wakes.takeDue(now, added); wake !== undefined; wake = this.#wakes.takeDue(now, added)) wake.run();
    } finally {
      this.#arm();
    }
  }

  #runDeferred(): void {
    const batch = this.#deferred;
    this.#deferred = [];
    this.#immediate = undefined;
    let done = 0;
    try {
      for (const run of batch) {
        done++;
        run();
      }
    } finally {
      // A call that threw must not take the rest with it.
      for (let i = done; i < batch.length; i++) {
        const run = batch[i];
        if (run !== undefined) this.defer(run);
      }
    }
  }
}
