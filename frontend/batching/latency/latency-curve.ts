import type { Micros } from '../../domain/clock.ts';
import { BaseLine } from './base-line.ts';
import { Knots, makeMonotone } from './knots.ts';
import type { Point, Spread } from './latency-record.ts';
import { LARGEST_ROWS, SIZE_CLASSES, rowsOfClass, sizeClassOf } from './size-classes.ts';
import { SizeMeans } from './size-means.ts';

/** Among so few batches one that is twice as fast as foretold shows that the others were slow to start. */
const FIRST_BATCHES = 4;
const SLOW_START = 2;
/** A larger size that takes so many times what was foretold must be seen again before a still larger one is tried. */
const SURPRISE = 2;
/** From one step to the next the rows double; on a line they grow faster. */
const STEP = 2;
const LINE_STEP = 4;
/** A mean this many of its deviations off the line speaks for itself. */
const DEVIATIONS = 3;
/** The table is made anew when a mean has moved by so much of the noise, and after so many batches in any case. */
const MOVED = 0.25;
const REBUILD_BATCHES = 16;

/**
 * The mean time of a batch by its rows, learned batch by batch: a line through all sizes seen, and on it what the single
 * sizes differ from it, as far as that is no noise. It never falls with the rows. Looking up costs a read or two; the
 * table is made anew where a batch has moved something.
 */
export class LatencyCurve {
  readonly #base = new BaseLine();
  readonly #sizes = new SizeMeans(this.#base);
  readonly #knots = new Knots();
  /** The curve at the knots, and what it weighs there. */
  readonly #values = new Float64Array(SIZE_CLASSES);
  readonly #weights = new Float64Array(SIZE_CLASSES);
  /** The curve by size class, up to and including `#top`. */
  readonly #means = new Float64Array(SIZE_CLASSES);
  /** The same, but where a law has steps, a size not seen is taken for the next larger one that was. */
  readonly #careful = new Float64Array(SIZE_CLASSES);
  #top = -1;
  /** How far above the line the curve goes on beyond the table. */
  #topRatio = 1;
  #batches = 0;
  #sinceBuild = 0;
  #seenRows = 0;

  /** Largest size whose time was seen and is believed; 0 before the first. */
  get seenRows(): number {
    return this.#seenRows;
  }
  /** So few batches have taught it that they may all have been slow to start. */
  get isYoung(): boolean {
    return this.#batches < FIRST_BATCHES;
  }
  get reachRows(): number {
    return Math.max(1, (this.#base.isStraight ? LINE_STEP : STEP) * this.#seenRows);
  }

  /** 0 before the first batch. */
  meanMicros(rows: number): number {
    return this.#at(this.#means, rows);
  }

  /** What the mean should be taken for by those who must not be late. */
  carefulMicros(rows: number): number {
    return this.#at(this.#careful, rows);
  }

  /** Whether batches of this size were seen, and nothing speaks against what they said. */
  knows(rows: number): boolean {
    return this.#sizes.knows(rows);
  }

  observe(rows: number, micros: number, now: Micros): void {
    const foretold = this.meanMicros(rows);
    if (this.#batches > 0 && this.isYoung && micros * SLOW_START < foretold) this.#clear();
    this.#batches++;
    this.#judge(rows, micros);
    const moved = this.#sizes.learn(rows, micros, now);
    if (rows > this.#seenRows && (micros < SURPRISE * foretold || foretold === 0 || this.#sizes.batchesOf(rows) > 1)) {
      this.#seenRows = Math.min(rows, LARGEST_ROWS);
    }
    if (moved * moved > MOVED * MOVED * this.#base.noise || ++this.#sinceBuild >= REBUILD_BATCHES) this.#build(now);
  }

  /** The sizes seen, smallest first. */
  get points(): readonly Point[] {
    return this.#sizes.points();
  }

  get spread(): Spread {
    return this.#base.spread;
  }

  /** Takes over what another curve knew; each size counts as `mostBatches` batches at most, and below 1 as hearsay. */
  inherit({ points, spread }: { readonly points: readonly Point[]; readonly spread: Spread }, { mostBatches, now }: { readonly mostBatches: number; readonly now: Micros }): void {
    this.#base.inherit(spread);
    for (const [rows, micros, batches] of points) {
      this.#sizes.put([rows, micros, Math.min(batches, mostBatches)], now);
      this.#batches += FIRST_BATCHES;
      this.#seenRows = Math.max(this.#seenRows, Math.min(rows, LARGEST_ROWS));
    }
    this.#build(now);
  }

  #clear(): void {
    this.#base.clear();
    this.#sizes.clear();
    this.#top = -1;
    this.#batches = 0;
    this.#seenRows = 0;
  }

  #judge(rows: number, micros: number): void {
    if (rows <= this.#seenRows) this.#base.judge(rows, micros);
    const batches = this.#sizes.batchesOf(rows);
    if (batches >= 1) this.#base.compare(rows, micros, { micros: this.#sizes.meanOf(rows), batches });
  }

  #at(table: Float64Array, rows: number): number {
    const index = sizeClassOf(rows);
    if (index > this.#top) return this.#top < 0 ? 0 : this.#base.at(rows) * this.#topRatio;
    const value = table[index] ?? 0;
    const end = rowsOfClass(index);
    if (rows >= end || index === 0) return value;
    const start = rowsOfClass(index - 1);
    const below = table[index - 1] ?? 0;
    return below + ((value - below) * (rows - start)) / (end - start);
  }

  #build(now: Micros): void {
    this.#sinceBuild = 0;
    this.#sizes.gather(this.#knots, now);
    if (this.#knots.count === 0) return;
    this.#base.fit(this.#knots);
    this.#weigh();
    makeMonotone(this.#values, this.#weights, this.#knots.count);
    this.#fill();
  }

  /** The curve at each knot: from the line towards the size's own mean, by how much more that is to be trusted. */
  #weigh(): void {
    const { bend, noise } = this.#base;
    const knots = this.#knots;
    for (let i = 0; i < knots.count; i++) {
      const batches = knots.batches[i] ?? 1;
      const base = this.#base.at(knots.rows[i] ?? 1);
      const off = (knots.micros[i] ?? 0) / base - 1;
      const variance = noise / batches;
      const trusted = Math.max(bend, off * off - DEVIATIONS * DEVIATIONS * variance);
      const value = base * (1 + (off * trusted) / (trusted + variance));
      this.#values[i] = value;
      this.#weights[i] = batches / (value * value);
    }
  }

  /** Between two knots the distance from the line changes evenly; below the first and beyond the last it stays. */
  #fill(): void {
    const isStepped = this.#base.isStepped;
    this.#top = sizeClassOf(this.reachRows);
    let below = -1;
    let ratioBelow = this.#ratioAt(0);
    let floor = 0;
    for (let index = 0, next = 0; index <= this.#top; index++) {
      const knot = next < this.#knots.count ? (this.#knots.classes[next] ?? 0) : Infinity;
      const ceiling = knot === Infinity ? Infinity : (this.#values[next] ?? 0);
      const share = knot === Infinity || below < 0 ? 0 : (index - below) / (knot - below);
      const ratio = share === 0 ? ratioBelow : ratioBelow + (this.#ratioAt(next) - ratioBelow) * share;
      floor = index === knot ? ceiling : Math.min(Math.max(floor, this.#base.at(rowsOfClass(index)) * ratio), ceiling);
      this.#means[index] = floor;
      this.#careful[index] = isStepped && below >= 0 && knot < Infinity ? ceiling : floor;
      if (index === knot) {
        below = index;
        ratioBelow = this.#ratioAt(next++);
      }
    }
    this.#topRatio = floor / this.#base.at(rowsOfClass(this.#top));
  }

  /** How far above the line the curve lies at a knot. */
  #ratioAt(knot: number): number {
    return (this.#values[knot] ?? 0) / this.#base.at(this.#knots.rows[knot] ?? 1);
  }
}
