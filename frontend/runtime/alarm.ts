import type { Micros } from '../domain/clock.ts';

/** Rings once, some time after it was set; a clock has one. What is set anew replaces what was set before. */
export interface Alarm {
  /** What it rings; before `set`. */
  connect(ring: () => void): void;
  /** Rings in `inMicros`, soon where that is not positive; who is rung early sets it again. The process lives until then. */
  set(inMicros: Micros): void;
  clear(): void;
  close(): void;
}

/** What setTimeout can count; who waits for longer is rung earlier, and sets it again. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Node's timer: it counts whole milliseconds, and so rings up to 1.1 ms after its time, and now and then some of one before it. */
export class TimeoutAlarm implements Alarm {
  #ring: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  connect(ring: () => void): void {
    this.#ring = ring;
  }

  set(inMicros: Micros): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#ring();
    }, Math.min(Math.max(Math.ceil(inMicros / 1000), 1), LONGEST_WAIT_MS));
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.clear();
  }
}
