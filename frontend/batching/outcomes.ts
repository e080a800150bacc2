/** Batches that the quantiles stand on, and how many more make them be taken anew. */
const SAMPLES = 256;
const REFRESH_SAMPLES = 16;
const FEWEST_SAMPLES = 32;

/** The middles of eight equal parts of a standard normal. */
const NORMAL: readonly number[] = Object.freeze([-1.534, -0.887, -0.489, -0.157, 0.157, 0.489, 0.887, 1.534]);
/** A normal's 99th percentile: where the tail of the law is taken to lie at first. */
const TAIL_DEVIATIONS = 2.33;

export const OUTCOMES = NORMAL.length;

/**
 * How long batches take beside what was foretold: eight values, rising, each as likely as the others, as shares of the mean.
 * Of the last batches, or a normal with the law's tail as long as those are few.
 */
export class Outcomes {
  readonly #samples = new Float64Array(SAMPLES);
  readonly #sorted = new Float64Array(SAMPLES);
  readonly #shares = new Float64Array(OUTCOMES);
  #seen = 0;

  observe(share: number): void {
    this.#samples[this.#seen++ % SAMPLES] = share;
    if (this.#seen >= FEWEST_SAMPLES && this.#seen % REFRESH_SAMPLES === 0) this.#refresh();
  }

  /** The `index`-th of them, where the law's tail is `tailShare` of its mean. */
  share(index: number, tailShare: number): number {
    if (this.#seen >= FEWEST_SAMPLES) return this.#shares[index] ?? 1;
    return Math.max(0, 1 + ((NORMAL[index] ?? 0) / TAIL_DEVIATIONS) * (tailShare - 1));
  }

  #refresh(): void {
    const count = Math.min(this.#seen, SAMPLES);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#samples.subarray(0, count));
    sorted.sort();
    for (let i = 0; i < OUTCOMES; i++) this.#shares[i] = sorted[Math.floor(((i + 0.5) / OUTCOMES) * count)] ?? 1;
  }
}
