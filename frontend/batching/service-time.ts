import type { Micros } from '../domain/clock.ts';

/** One bucket per power of two: bucket k holds batches of 2^(k-1) + 1 … 2^k rows. */
const BUCKETS = 24;
/** A mean stands on about as many batches at most; it follows a change within as many. */
const MAX_WEIGHT = 32;
/** Below this weight a mean is young: one far lower sample pulls it down (a cold first batch is forgotten at once). */
const YOUNG_WEIGHT = 4;
/** How far one sample may lie above the mean before it is cut: a pause of the machine is no change of the model. */
const OUTLIER_FACTOR = 4;
const HALF_LIFE_MICROS = 10_000_000;
/** Sizes last seen this much earlier than the freshest do not count: one that looked too slow is tried again. */
const STALE_MICROS = 30_000_000;
const TAIL_SAMPLES = 128;

interface Tail { readonly samples: Float64Array; count: number }

/**
 * How long a batch takes from sending to its end, by size: running mean and p99 per power of two, linear between the
 * mean sizes that were seen. Old batches lose weight by number and by age.
 *
 * Outside the sizes seen the mean is a hopeful guess (the slope of the two nearest, else flat: an estimate must not keep a
 * size from being tried) and the p99 a careful one (in proportion to the rows: nobody is called hung for being big).
 *
 * All replicas of a version share one; where they differ, a second object per replica is all that is needed.
 */
export class ServiceTime {
  readonly #weights = new Float64Array(BUCKETS);
  readonly #means = new Float64Array(BUCKETS);
  /** Mean distance of a batch from the mean. */
  readonly #deviations = new Float64Array(BUCKETS);
  readonly #p99s = new Float64Array(BUCKETS);
  /** Mean rows of the batches of a bucket: where on the line its mean lies. */
  readonly #sizes = new Float64Array(BUCKETS);
  readonly #seenAt = new Float64Array(BUCKETS);
  /** Buckets from here on are empty. */
  #buckets = 0;
  #newest: Micros = 0;
  readonly #tails: (Tail | undefined)[] = Array.from({ length: BUCKETS }, () => undefined);

  /** A batch of `rows` rows took `micros`. */
  observe(rows: number, micros: number, now: Micros): void {
    const k = bucketOf(rows);
    const mean = this.#means[k] ?? 0;
    const age = now - (this.#seenAt[k] ?? 0);
    const weight = (this.#weights[k] ?? 0) * 2 ** (-age / HALF_LIFE_MICROS);
    const grown = Math.min(weight + 1, MAX_WEIGHT);
    if (this.#isEmpty(k)) {
      this.#buckets = Math.max(this.#buckets, k + 1);
      this.#means[k] = micros;
      this.#sizes[k] = rows;
    } else {
      const before = weight < YOUNG_WEIGHT ? Math.min(mean, OUTLIER_FACTOR * micros) : mean;
      const off = Math.min(micros, OUTLIER_FACTOR * before) - before;
      const deviation = this.#deviations[k] ?? 0;
      this.#means[k] = before + off / grown;
      this.#deviations[k] = deviation + (Math.abs(off) - deviation) / grown;
      const size = this.#sizes[k] ?? rows;
      this.#sizes[k] = size + (rows - size) / grown;
    }
    this.#weights[k] = grown;
    this.#seenAt[k] = now;
    if (now > this.#newest) this.#newest = now;
    this.#observeTail(k, micros);
  }

  /** The next batch of this size is to count as much as all before it: it was sent to check the estimate. */
  doubt(rows: number): void {
    const k = bucketOf(rows);
    this.#weights[k] = Math.min(this.#weights[k] ?? 0, 1);
  }

  /** Mean time of a batch of `rows` rows; 0 while nothing is known. */
  meanMicros(rows: number): number {
    return this.#at(this.#means, rows, false);
  }

  /** What most batches of `rows` rows stay within: the mean and twice the mean deviation. */
  likelyMicros(rows: number): number {
    return this.meanMicros(rows) + 2 * (this.#deviations[bucketOf(rows)] ?? 0);
  }

  /** What 99 of 100 batches of `rows` rows stayed within; 0 while nothing is known. */
  p99Micros(rows: number): number {
    return this.#at(this.#p99s, rows, true);
  }

  #isEmpty(k: number): boolean {
    return this.#sizes[k] === 0;
  }

  #observeTail(k: number, micros: number): void {
    const tail = (this.#tails[k] ??= { samples: new Float64Array(TAIL_SAMPLES), count: 0 });
    const at = tail.count++ % TAIL_SAMPLES;
    const leaving = tail.samples[at] ?? 0;
    tail.samples[at] = micros;
    const p99 = this.#p99s[k] ?? 0;
    // In a full tail, one small sample for another moves nothing.
    if (tail.count <= TAIL_SAMPLES || micros >= p99 || leaving >= p99) this.#p99s[k] = p99Of(tail);
  }

  #at(values: Float64Array, rows: number, careful: boolean): number {
    const oldest = this.#newest - STALE_MICROS;
    // The two buckets below `rows` (outer, inner) and the two above it (inner, outer); -1: none.
    let belowOuter = -1, below = -1, above = -1, aboveOuter = -1;
    for (let k = 0; k < this.#buckets && aboveOuter === -1; k++) {
      if (this.#isEmpty(k) || (this.#seenAt[k] ?? 0) < oldest) continue;
      if ((this.#sizes[k] ?? 0) <= rows) {
        belowOuter = below;
        below = k;
      } else if (above === -1) above = k;
      else aboveOuter = k;
    }
    if (below !== -1 && above !== -1) return this.#along(values, below, rows, this.#slope(values, below, above));
    if (below !== -1) {
      const slope = careful ? Infinity : belowOuter === -1 ? 0 : this.#slope(values, belowOuter, below);
      return this.#along(values, below, rows, this.#plausible(values, below, slope));
    }
    if (above === -1) return 0;
    const slope = careful || aboveOuter === -1 ? 0 : this.#slope(values, above, aboveOuter);
    return this.#along(values, above, rows, this.#plausible(values, above, slope));
  }

  #slope(values: Float64Array, k: number, j: number): number {
    return ((values[j] ?? 0) - (values[k] ?? 0)) / ((this.#sizes[j] ?? 0) - (this.#sizes[k] ?? 0));
  }

  /** Outside the sizes seen: more rows never take less time, and never more than in proportion. */
  #plausible(values: Float64Array, k: number, slope: number): number {
    return Math.min(Math.max(slope, 0), (values[k] ?? 0) / (this.#sizes[k] ?? 1));
  }

  #along(values: Float64Array, k: number, rows: number, slope: number): number {
    return (values[k] ?? 0) + slope * (rows - (this.#sizes[k] ?? 0));
  }
}

function bucketOf(rows: number): number {
  return Math.min(32 - Math.clz32(Math.max(rows, 1) - 1), BUCKETS - 1);
}

/** Nearest rank: of at most 128 samples it is the largest, past 100 the second largest. */
function p99Of(tail: Tail): number {
  const count = Math.min(tail.count, TAIL_SAMPLES);
  let first = 0, second = 0;
  for (let i = 0; i < count; i++) {
    const sample = tail.samples[i] ?? 0;
    if (sample >= first) {
      second = first;
      first = sample;
    } else if (sample > second) second = sample;
  }
  return count > 100 ? second : first;
}
