import type { Micros } from '../../domain/clock.ts';

/** Bins to either side of ratio 1; they grow from 0.03 % of width at 1 to 6 % far off. */
const BINS = 112;
const BINS_PER_E = 16;
const FINEST = 0.004;
/** Batches lose weight so that about as many count. */
const MEMORY = 1024;
const HALF_LIFE_MICROS = 60_000_000;
/** One batch alone makes no tail: that would be a single pause of the machine. */
const LEAST_MASS = 1.01;
const RESCALE_AT = 1e100;
/** Batches that a tail from a record counts as. */
const PRIOR_BATCHES = 100;

/**
 * A high quantile of the ratio of measured to foretold times: a histogram with forgetting by number and by age. The bins
 * are fine near 1, where a tail of a hundredth matters, and coarse far from it.
 */
export class TailRatio {
  readonly #quantile: number;
  readonly #mass = new Float64Array(2 * BINS + 1);
  /** Mass of the next batch: it grows instead of all others being made less. */
  #unit = 1;
  #total = 0;
  #highest = 0;
  #newest: Micros = -Infinity;
  #ratio = 1;

  constructor(options: { quantile: number; prior?: number }) {
    this.#quantile = options.quantile;
    if (options.prior !== undefined && options.prior > 1) this.#seed(options.prior);
  }

  /** What the quantile of the batches stays within, as a multiple of the mean; at least 1. */
  get ratio(): number {
    return this.#ratio;
  }

  observe(ratio: number, now: Micros): void {
    const age = Math.max(0, now - this.#newest);
    this.#unit *= (1 + 1 / MEMORY) * (age < Infinity ? 2 ** Math.min(age / HALF_LIFE_MICROS, 300) : 1);
    this.#newest = Math.max(this.#newest, now);
    if (!(this.#unit < RESCALE_AT)) this.#rescale();
    this.#add(ratio, 1);
    this.#ratio = this.#find();
  }

  #seed(ratio: number): void {
    const above = 2 * PRIOR_BATCHES * (1 - this.#quantile);
    this.#add(1, PRIOR_BATCHES - above);
    this.#add(ratio, Math.max(above, 2 * LEAST_MASS));
    this.#ratio = this.#find();
  }

  #add(ratio: number, batches: number): void {
    const bin = binOf(ratio);
    this.#mass[bin] = (this.#mass[bin] ?? 0) + batches * this.#unit;
    this.#total += batches * this.#unit;
    if (bin > this.#highest) this.#highest = bin;
  }

  #find(): number {
    let left = Math.max((1 - this.#quantile) * this.#total, LEAST_MASS * this.#unit);
    for (let bin = this.#highest; bin > BINS; bin--) {
      const mass = this.#mass[bin] ?? 0;
      if (mass >= left) return edgeOf(bin - BINS + 0.5 - left / mass);
      left -= mass;
    }
    return edgeOf(0.5);
  }

  #rescale(): void {
    for (let bin = 0; bin < this.#mass.length; bin++) this.#mass[bin] = (this.#mass[bin] ?? 0) / this.#unit;
    this.#total /= this.#unit;
    this.#unit = 1;
    while (this.#highest > 0 && (this.#mass[this.#highest] ?? 0) < 1e-6) this.#highest--;
  }
}

function binOf(ratio: number): number {
  const off = Math.log(ratio);
  const bin = Math.round(BINS_PER_E * Math.log1p(Math.abs(off) / FINEST));
  return BINS + Math.sign(off) * Math.min(bin, BINS);
}

/** The ratio that lies `bins` above 1. */
function edgeOf(bins: number): number {
  return Math.exp(FINEST * Math.expm1(Math.max(0, bins) / BINS_PER_E));
}
