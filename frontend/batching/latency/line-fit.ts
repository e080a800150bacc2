import type { Knots } from './knots.ts';
import type { Misfit } from './misfit.ts';

/**
 * The share of a batch's time that is thought to rise with its rows while only one size was seen. Small: a size that has
 * not been tried must not be kept from being tried by a guess. Where sizes differ this weighs as little as one batch.
 */
const PRIOR_SLOPE_SHARE = 1 / 32;
/** Means off by more than so many deviations lose weight, so that the further off, the less they pull. */
const FAR = 3;

/**
 * lat(b) = slope · x + intercept, both at least 0, fitted to knots by weighted least squares of relative errors; x is b, or
 * b padded to the next power of two. It goes through the middle of the knots whatever their number: one size alone leaves
 * only the slope to the prior.
 */
export class LineFit {
  readonly #padded: boolean;
  #slope = 0;
  #intercept = 0;

  constructor(options: { padded: boolean }) {
    this.#padded = options.padded;
  }

  /** 0 before the first fit. */
  at(rows: number): number {
    return this.#slope * this.#x(rows) + this.#intercept;
  }

  clear(): void {
    this.#slope = 0;
    this.#intercept = 0;
  }

  fit(knots: Knots, misfit: Misfit): void {
    let weights = 0, sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
    for (let i = 0; i < knots.count; i++) {
      const rows = knots.rows[i] ?? 0, micros = knots.micros[i] ?? 0;
      const variance = misfit.bend + misfit.noise / (knots.batches[i] ?? 1);
      // Relative to what was foretold: relative to what was measured, the fast ones would weigh more.
      const scale = this.at(rows) || micros;
      const off = Math.abs(micros / scale - 1) / Math.sqrt(variance);
      const weight = Math.min(1, (FAR / off) ** 2) / (variance * scale * scale);
      const x = this.#x(rows);
      weights += weight;
      sumX += weight * x;
      sumY += weight * micros;
      sumXX += weight * x * x;
      sumXY += weight * x * micros;
    }
    if (!(weights > 0)) return;
    this.#solve(sumX / weights, sumY / weights, sumXX - (sumX * sumX) / weights, sumXY - (sumX * sumY) / weights);
  }

  #solve(meanX: number, meanY: number, spread: number, rise: number): void {
    const proportional = meanY / meanX;
    const prior = 1 / (proportional * proportional);
    const slope = (Math.max(rise, 0) + prior * PRIOR_SLOPE_SHARE * proportional) / (Math.max(spread, 0) + prior);
    this.#slope = Math.min(slope, proportional);
    this.#intercept = Math.max(0, meanY - this.#slope * meanX);
  }

  #x(rows: number): number {
    return this.#padded && rows > 1 ? 2 ** (32 - Math.clz32(rows - 1)) : rows;
  }
}
