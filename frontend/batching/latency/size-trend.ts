/** Batches that count, about. */
const MEMORY = 64;
const LEAST_BATCHES = 24;
/** Between a small and a large batch the ratio must change by so much to matter, and be so many times what noise explains. */
const LEAST_CHANGE = 0.08;
const SIGNIFICANT = 5;

/**
 * Whether what one replica is slower or faster by depends on the size of the batch: then no factor makes the shared law
 * its own. A weighted regression of the logarithm of the ratio on the logarithm of the rows, tested for a slope.
 */
export class SizeTrend {
  #weight = 0;
  #meanX = 0;
  #meanY = 0;
  #spread = 0;
  #rise = 0;
  #variance = 0;

  /** A batch took `ratio` times what the shared law says. */
  observe(rows: number, ratio: number): void {
    const keep = 1 - 1 / MEMORY;
    this.#weight = this.#weight * keep + 1;
    const offX = Math.log(rows) - this.#meanX;
    const offY = Math.log(ratio) - this.#meanY;
    this.#meanX += offX / this.#weight;
    this.#meanY += offY / this.#weight;
    const share = 1 - 1 / this.#weight;
    this.#spread = this.#spread * keep + offX * offX * share;
    this.#rise = this.#rise * keep + offX * offY * share;
    this.#variance = this.#variance * keep + offY * offY * share;
  }

  get isClear(): boolean {
    if (this.#weight < LEAST_BATCHES || this.#spread === 0) return false;
    const slope = this.#rise / this.#spread;
    const unexplained = Math.max(0, this.#variance - slope * this.#rise) / this.#weight;
    const change = Math.abs(slope) * Math.sqrt(this.#spread / this.#weight);
    return change > LEAST_CHANGE && slope * slope * this.#spread > SIGNIFICANT * SIGNIFICANT * unexplained;
  }
}
