/** One batch counts as no more than so many deviations: a pause of the machine is no change. */
const CLIP = 4;
/** Drift of so many deviations a batch is let be; only what lies beyond adds up. */
const ALLOWANCE = 1;
/** Where what has added up means a change: three batches that are far off, about ten at a third. */
const ALARM = 9;
const LEAST_DEVIATION = 0.02;
const FIRST_DEVIATION = 0.15;
const DEVIATION_MEMORY = 32;
const FIRST_DEVIATION_WEIGHT = 4;
/** After a change so many batches measure the new pace, and nothing else. */
const SETTLING = 16;
/** Without a change the pace follows slowly. */
const SLOW_MEMORY = 256;
const YOUNG_MEMORY = 32;
/** After so many one that is far from the law's would have been found. */
const FIRST_BATCHES = 5;
const LARGEST_FACTOR = 1e6;

/**
 * How much slower or faster one replica is than the law that it shares: a factor on all sizes, since what slows a replica
 * down (a neighbour, throttling) slows it down as a whole. A change is found by a two-sided cumulative sum over the
 * logarithm of measured to foretold times (Page, "Continuous Inspection Schemes", Biometrika 1954), in units of the
 * replica's own noise; the batches since then say how large it was.
 */
export class Pace {
  #factor: number;
  #deviation = FIRST_DEVIATION;
  #batches = 0;
  #settling = 0;
  #wasFarOff = false;
  readonly #slower = new Excursion();
  readonly #faster = new Excursion();

  constructor(factor: number) {
    this.#factor = factor;
  }

  get factor(): number {
    return this.#factor;
  }
  /** Until then the replica may be a stranger: what it takes says nothing of the others. */
  get isKnown(): boolean {
    return this.#batches > FIRST_BATCHES;
  }

  /**
   * A batch took `ratio` times what was foretold for this pace. True: the pace is steady, so what the batch was off by is
   * its own noise or its size's. One that is far off may be so by itself; two in a row may be the start of a change.
   */
  observe(ratio: number): boolean {
    const off = Math.log(ratio);
    const deviation = Math.max(this.#deviation, LEAST_DEVIATION);
    const score = clamp(off / deviation, CLIP);
    this.#batches++;
    const isSecond = this.#wasFarOff && Math.abs(score) === CLIP;
    this.#wasFarOff = Math.abs(score) === CLIP;
    const slower = this.#slower.add(score - ALLOWANCE, ratio);
    const faster = this.#faster.add(-score - ALLOWANCE, ratio);
    if (slower || faster) {
      this.#change((slower ? this.#slower : this.#faster).usualRatio);
      return false;
    }
    const error = clamp(ratio - 1, Math.max(3 * deviation, 0.1));
    if (this.#settling > 0) {
      this.#multiply(1 + error / (SETTLING - --this.#settling + 1));
      return false;
    }
    this.#deviation += (Math.min(Math.abs(off), CLIP * deviation) - this.#deviation) / Math.min(this.#batches + FIRST_DEVIATION_WEIGHT, DEVIATION_MEMORY);
    this.#multiply(1 + error / Math.min(this.#batches + YOUNG_MEMORY, SLOW_MEMORY));
    return !isSecond;
  }

  /** A batch that was sent to check the pace: it counts as much as all before it. */
  meetHalfWay(ratio: number): void {
    this.#multiply((1 + ratio) / 2);
  }

  #change(ratio: number): void {
    this.#multiply(ratio);
    this.#settling = SETTLING;
    this.#slower.clear();
    this.#faster.clear();
  }

  #multiply(by: number): void {
    this.#factor = Math.min(Math.max(this.#factor * by, 1 / LARGEST_FACTOR), LARGEST_FACTOR);
  }
}

/** One side of the cumulative sum, with the last batches since it was 0. */
class Excursion {
  readonly #ratios = new Float64Array(SETTLING);
  readonly #sorted = new Float64Array(SETTLING);
  #sum = 0;
  #count = 0;

  /**
   * The median, of two in the middle the one nearer to 1. Not the mean: three batches that were a tenth too slow are a change of a
   * tenth, though one of them met a pause of the machine and took fifty times as long.
   */
  get usualRatio(): number {
    const count = Math.min(this.#count, SETTLING);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#ratios.subarray(0, count));
    sorted.sort();
    const lower = sorted[(count - 1) >> 1] ?? 1;
    const upper = sorted[count >> 1] ?? 1;
    return Math.abs(Math.log(lower)) < Math.abs(Math.log(upper)) ? lower : upper;
  }

  /** Whether the sum has reached the alarm. */
  add(score: number, ratio: number): boolean {
    this.#sum += score;
    if (this.#sum <= 0) {
      this.clear();
      return false;
    }
    this.#ratios[this.#count++ % SETTLING] = ratio;
    return this.#sum >= ALARM;
  }

  clear(): void {
    this.#sum = 0;
    this.#count = 0;
  }
}

function clamp(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound);
}
