import type { Clock, Micros } from '../domain/clock.ts';
import { TimeoutAlarm, type Alarm } from './alarm.ts';
import { Standstill } from './standstill.ts';
import { WakeHeap } from './wake-heap.ts';

/**
 * The process's monotonic time, from its start. One alarm for all wakes, set for the earliest: a wake comes as late after
 * its time as the alarm rings (by default setTimeout, up to 1.1 ms), never before it.
 *
 * A wake taken back leaves the alarm as it is: when it rings, nothing is due, and it is set anew. That is cheaper than
 * to set it with every change, since what is waited for mostly moves later.
 */
export class RealClock implements Clock {
  readonly #wakes = new WakeHeap();
  readonly #alarm: Alarm;
  #alarmAt = Number.POSITIVE_INFINITY;
  #deferred: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;
  readonly #standstill: Standstill;
  /** Somebody has asked something in this turn of the event loop. */
  #inTurn = false;
  #arrivedAt: Micros = 0;

  /** `waited`: how long this thread has waited for a processor, see `Standstill`. */
  constructor(alarm: Alarm = new TimeoutAlarm(), waited?: () => Micros) {
    this.#alarm = alarm;
    this.#standstill = new Standstill(waited);
    alarm.connect(() => this.#runDue());
  }

  /** Wakes and deferred calls that are outstanding. For leak checks. */
  get pending(): number {
    return this.#wakes.size + this.#deferred.length;
  }

  now(): Micros {
    return Math.floor(performance.now() * 1000);
  }

  arrived(): Micros {
    if (!this.#inTurn) this.#begin();
    return this.#arrivedAt;
  }

  wakeAt(at: Micros, wake: () => void): () => void {
    const entry = this.#wakes.add(at, wake);
    if (at < this.#alarmAt) this.#arm();
    return () => this.#wakes.remove(entry);
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
    if (this.#inTurn) this.#immediate ??= setImmediate(this.#runDeferred);
    else this.#begin();
  }

  /** Drops everything outstanding, so that nothing here keeps the process alive. */
  close(): void {
    this.#wakes.clear();
    this.#deferred = [];
    this.#alarm.close();
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#inTurn = false;
    this.#alarmAt = Number.POSITIVE_INFINITY;
  }

  /** The first in a turn that asks. */
  #begin(): void {
    const now = this.now();
    this.#inTurn = true;
    this.#arrivedAt = now - this.#standstill.began(now);
    this.#immediate ??= setImmediate(this.#runDeferred);
  }

  #arm(): void {
    this.#alarmAt = this.#wakes.next();
    if (this.#alarmAt === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(this.#alarmAt - this.now());
  }

  /** Runs what was due when it began; what the calls add waits for the next time, even where it is due already. */
  #runDue(): void {
    // While it runs, added wakes need no alarm: it is set once at the end, also when a call throws.
    this.#alarmAt = Number.NEGATIVE_INFINITY;
    try {
      const now = this.now();
      const { added } = this.#wakes;
      for (let wake = this.#wakes.takeDue(now, added); wake !== undefined; wake = this.#wakes.takeDue(now, added)) wake.run();
    } finally {
      this.#arm();
    }
  }

  /** The end of a turn. */
  readonly #runDeferred = (): void => {
    if (!this.#inTurn) this.#begin();
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
      this.#inTurn = false;
      this.#standstill.ended(this.now());
    }
  };
}
