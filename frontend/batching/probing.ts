import type { Micros } from '../domain/clock.ts';

const MIN_GAP_MICROS = 100_000;
const MAX_GAP_MICROS = 5_000_000;
/** In the long run probes of a slow model take a twentieth of one replica's time at most, however soon they are asked for. */
const GAP_PER_SERVICE_TIME = 20;

/**
 * When a task that the estimate calls hopeless is let through all the same, so that a wrong or outdated estimate cannot
 * lock a model out: at once the first time, then after gaps that double as long as the probes come back late. Who had more
 * time than all who were hopeless before begins anew: gaps that grew while others were are not for him.
 */
export class Probing {
  #nextAtMicros: Micros = -Infinity;
  #gapMicros = MIN_GAP_MICROS;
  /** The longest time that was found hopeless, and still is. */
  #hopelessMicros: Micros = 0;

  /** Whether a probe may go now; if so, the next one is put off. `serviceMicros` is what one row takes alone, `leftMicros` what it may take, where that tells tasks apart. */
  take(now: Micros, serviceMicros: Micros, leftMicros: Micros = 0): boolean {
    if (leftMicros > this.#hopelessMicros) {
      this.#hopelessMicros = leftMicros;
      this.succeeded(now);
    }
    if (now < this.#nextAtMicros) return false;
    this.#nextAtMicros = now + this.#gapMicros;
    this.#gapMicros = Math.min(2 * this.#gapMicros, Math.max(MAX_GAP_MICROS, GAP_PER_SERVICE_TIME * serviceMicros));
    return true;
  }

  /** One row alone is thought to take as long as this now: who has more time is hopeless no longer. */
  estimated(serviceMicros: Micros): void {
    if (serviceMicros < this.#hopelessMicros) this.#hopelessMicros = serviceMicros;
  }

  /** None is needed: the first may go when that has been so for the shortest gap. */
  putOff(now: Micros): void {
    this.#nextAtMicros = now + MIN_GAP_MICROS;
    this.#gapMicros = MIN_GAP_MICROS;
  }

  /** A probe was answered in time: the estimate was wrong, and the next one may go at once. */
  succeeded(now: Micros): void {
    this.#nextAtMicros = now;
    this.#gapMicros = MIN_GAP_MICROS;
  }
}
