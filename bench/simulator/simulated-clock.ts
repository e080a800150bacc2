import type { Clock, Micros } from '../../frontend/domain/clock.ts';
import { WakeHeap } from '../../frontend/runtime/wake-heap.ts';

/** A `defer` that never ends would hang the simulator; this many turns without time going on is a bug of what is played. */
const MOST_TURNS = 100_000;

/**
 * The `Clock` of the simulator: time goes on only when told to, and what becomes due runs at its own time, in order.
 * The world (replicas that answer) comes before the broker's own timers of the same microsecond, so that an answer at the
 * very deadline is on time, as the oracle counts it.
 */
export class SimulatedClock implements Clock {
  readonly #world = new WakeHeap();
  readonly #wakes = new WakeHeap();
  #now: Micros;
  #deferred: (() => void)[] = [];
  #running: (() => void)[] = [];

  constructor(startMicros: Micros = 0) {
    this.#now = startMicros;
  }

  /** Calls that are outstanding, the world's and the broker's: 0 when nothing is left behind. */
  get pending(): number {
    return this.#world.size + this.#wakes.size + this.#deferred.length;
  }

  /** When the next thing happens; Infinity where nothing will. */
  get next(): Micros {
    return this.#deferred.length > 0 ? this.#now : Math.min(this.#world.next(), this.#wakes.next());
  }

  now(): Micros {
    return this.#now;
  }

  arrived(): Micros {
    return this.#now;
  }

  wakeAt(at: Micros, wake: () => void): () => void {
    const entry = this.#wakes.add(at, wake);
    return () => this.#wakes.remove(entry);
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** Something that happens outside the broker. */
  happenAt(at: Micros, run: () => void): () => void {
    const entry = this.#world.add(at, run);
    return () => this.#world.remove(entry);
  }

  /** Runs everything up to `at`, and stops there. */
  advanceTo(at: Micros): void {
    this.#settle();
    for (let next = this.#earliest(); next <= at; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next);
      this.#runDue(this.#world);
      this.#runDue(this.#wakes);
    }
    this.#now = Math.max(this.#now, at);
  }

  /** Runs until nothing is outstanding, or until `at`. */
  finish(at: Micros = Infinity): void {
    this.#settle();
    for (let next = this.#earliest(); next <= at && next < Infinity; next = this.#earliest()) this.advanceTo(next);
  }

  /** The process is busy, or stands still: time jumps ahead, and what was due runs late, all at once. */
  jump(micros: Micros): void {
    this.#now += micros;
  }

  /** The same between two turns: timers ring before what came from outside is read, as in Node. */
  stall(micros: Micros): void {
    this.jump(micros);
    this.#runDue(this.#wakes);
  }

  #earliest(): Micros {
    return Math.min(this.#world.next(), this.#wakes.next());
  }

  /** All that is due now and was known before. */
  #runDue(heap: WakeHeap): void {
    const { added } = heap;
    for (let wake = heap.takeDue(this.#now, added); wake !== undefined; wake = heap.takeDue(this.#now, added)) wake.run();
    this.#settle();
  }

  #settle(): void {
    for (let turn = 0; this.#deferred.length > 0; turn++) {
      if (turn === MOST_TURNS) throw new Error(`deferred calls still come after ${MOST_TURNS} turns at ${this.#now} µs`);
      const batch = this.#deferred;
      this.#deferred = this.#running;
      this.#running = batch;
      for (const run of batch) run();
      batch.length = 0;
    }
  }
}
