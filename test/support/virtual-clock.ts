import type { Clock, Micros } from '../../frontend/domain/clock.ts';
import { WakeHeap } from '../../frontend/runtime/wake-heap.ts';

/** A `defer` that never ends would hang a test; this many turns without time going on is a bug of what is tested. */
const MOST_TURNS = 100_000;

/**
 * The `Clock` contract on time that only `advance` moves: for tests and the simulator. Nothing runs by itself.
 * Deferred calls run before time goes on, as they do in a real process that is not busy.
 */
export class VirtualClock implements Clock {
  readonly #wakes = new WakeHeap();
  #now: Micros;
  #deferred: (() => void)[] = [];

  constructor(startMicros: Micros = 0) {
    this.#now = startMicros;
  }

  /** Wakes and deferred calls that are outstanding: 0 at the end of a test that left nothing behind. */
  get pending(): number {
    return this.#wakes.size + this.#deferred.length;
  }

  /** When the earliest wake is due; Infinity when there is none. */
  get nextWake(): Micros {
    return this.#wakes.next();
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

  /** Runs what is deferred, and what that defers, without time going on. */
  settle(): void {
    for (let turn = 0; this.#deferred.length > 0; turn++) {
      if (turn === MOST_TURNS) throw new Error(`deferred calls still come after ${MOST_TURNS} turns at ${this.#now} µs`);
      const batch = this.#deferred;
      this.#deferred = [];
      for (const run of batch) run();
    }
  }

  /** Lets `micros` pass: what becomes due runs at its own time, in order, with what it defers. */
  advance(micros: Micros): void {
    if (!(micros >= 0)) throw new RangeError(`time does not go by ${micros} µs`);
    this.advanceTo(this.#now + micros);
  }

  advanceTo(at: Micros): void {
    this.settle();
    while (this.#wakes.next() <= at) {
      this.#now = Math.max(this.#now, this.#wakes.next());
      this.#runDue();
    }
    this.#now = Math.max(this.#now, at);
  }

  /** The process stands still for `micros`: what was due meanwhile runs late, all at once. */
  stall(micros: Micros): void {
    this.settle();
    this.#now += micros;
    this.#runDue();
  }

  /** All that is due now and was known before: one timer's turn, as in the real clock. */
  #runDue(): void {
    const { added } = this.#wakes;
    for (let wake = this.#wakes.takeDue(this.#now, added); wake !== undefined; wake = this.#wakes.takeDue(this.#now, added)) wake.run();
    this.settle();
  }
}
