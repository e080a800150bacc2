import type { Micros } from '../../domain/clock.ts';
import type { BaseLine } from './base-line.ts';
import type { Knots } from './knots.ts';
import type { Point } from './latency-record.ts';
import { SIZE_CLASSES, rowsOfClass, sizeClassOf } from './size-classes.ts';

/** The mean of a size stands on about so many batches at most; it follows a change of its own within as many. */
const MOST_BATCHES = 64;
const HALF_LIFE_MICROS = 60_000_000;
/** Age alone leaves a size this many batches' worth. */
const LASTING_BATCHES = 2;
/** What fewer batches than this have said of a size gives way to what contradicts it. */
const YOUNG_BATCHES = 4;
/** By this factor faster is a contradiction. */
const CONTRADICTION = 1.5;
/** One batch counts as off by no more than this, or than three deviations. */
const LEAST_CLIP = 0.1;
const DEVIATIONS = 3;
/** A size that took so much longer than the line says, or three deviations, was perhaps only met by a pause. */
const SUSPECT_EXCESS = 0.3;
/** Such a size is taken at its word for so long at first, four times as long with every batch that says it again. */
const FIRST_TERM_MICROS = 1_000_000;
const LONGEST_TERM_MICROS = 600_000_000;
/** After so many sizes of its own a curve needs no hearsay. */
const OWN_SIZES = 4;

/**
 * What was measured of each size: its mean, and the batches that stands on. Every size keeps what it has taught until it is
 * seen again, so batches of one size only, as they come under overload, take nothing away from the others.
 *
 * What stands on less than one batch is hearsay: taken over from another curve, replaced by the first batch.
 */
export class SizeMeans {
  readonly #base: BaseLine;
  readonly #batches = new Float64Array(SIZE_CLASSES);
  readonly #micros = new Float64Array(SIZE_CLASSES);
  readonly #seenAt = new Float64Array(SIZE_CLASSES);
  /** Batches in a row that said of a size that it is far slower than the line. */
  readonly #slow = new Float64Array(SIZE_CLASSES);
  /** Classes from here on are empty. */
  #classes = 0;
  #ownSizes = 0;

  constructor(base: BaseLine) {
    this.#base = base;
  }

  /** Batches that the mean of this size stands on; 0 for a size not seen. */
  batchesOf(rows: number): number {
    return this.#batches[sizeClassOf(rows)] ?? 0;
  }

  meanOf(rows: number): number {
    return this.#micros[sizeClassOf(rows)] ?? 0;
  }

  /** Whether batches of this size were seen, and nothing speaks against what they said. */
  knows(rows: number): boolean {
    const index = sizeClassOf(rows);
    return (this.#batches[index] ?? 0) >= 1 && !this.#isSuspect(index);
  }

  /** Moves the mean of the size; says by how much, relative; Infinity for a size that is new or starts anew. */
  learn(rows: number, micros: number, now: Micros): number {
    const index = sizeClassOf(rows);
    const atEnd = this.#atEndOf(index, rows, micros);
    const batches = this.#batches[index] ?? 0;
    if (batches < 1) this.#start(index, atEnd, now);
    else if (this.#isSuspect(index)) this.#hear(index, atEnd, now);
    else {
      const by = this.#move(index, atEnd, now);
      this.#countSlow(index, this.#slow[index] ?? 0);
      return by;
    }
    return Infinity;
  }

  /** One size was not as slow as was said of it: what was said of others meanwhile is heard as if for the first time. */
  #forgive(): void {
    for (let k = 0; k < this.#classes; k++) this.#slow[k] = Math.min(this.#slow[k] ?? 0, 1);
  }

  /** Takes over a mean from elsewhere. */
  put([rows, micros, batches]: Point, now: Micros): void {
    const index = sizeClassOf(rows);
    this.#set(index, micros, batches, now);
    this.#slow[index] = batches;
  }

  clear(): void {
    this.#batches.fill(0, 0, this.#classes);
    this.#classes = 0;
    this.#ownSizes = 0;
  }

  points(): Point[] {
    const points: Point[] = [];
    for (let index = 0; index < this.#classes; index++) {
      const batches = this.#batches[index] ?? 0;
      if (batches > 0) points.push([rowsOfClass(index), this.#micros[index] ?? 0, batches]);
    }
    return points;
  }

  /** Fills in the sizes that count now. */
  gather(knots: Knots, now: Micros): void {
    knots.count = 0;
    const least = this.#ownSizes < OWN_SIZES ? 0 : 1;
    const deniedAt = this.#lineDeniedAt();
    for (let index = 0; index < this.#classes; index++) {
      const batches = this.#batches[index] ?? 0;
      if (batches === 0 || batches < least || this.#isOnParole(index, now)) continue;
      if (deniedAt - (this.#seenAt[index] ?? 0) > FIRST_TERM_MICROS && !this.#isLow(index)) continue;
      knots.add(index, rowsOfClass(index), this.#micros[index] ?? 0, batches);
    }
  }

  /** What the largest batch of its class would have taken. */
  #atEndOf(index: number, rows: number, micros: number): number {
    const end = rowsOfClass(index);
    if (end === rows) return micros;
    const base = this.#base.at(rows);
    return base === 0 ? micros : micros * (this.#base.at(end) / base);
  }

  #start(index: number, micros: number, now: Micros): void {
    this.#ownSizes++;
    if ((this.#batches[index] ?? 0) > 0) this.#rescaleHearsay(micros / (this.#micros[index] ?? micros));
    this.#set(index, micros, 1, now);
    this.#dropContradicted(index);
    this.#countSlow(index, this.#slowBelow(index));
    this.#batches[index] = Math.max(1, this.#slow[index] ?? 0);
  }

  /** A batch more in a row that was slow, after so many; or the end of the row. */
  #countSlow(index: number, before: number): void {
    this.#slow[index] = this.#isHigh(index) ? before + 1 : 0;
  }

  /** How often smaller sizes were found slow, at most: a size beyond those has been tried as often as they have. */
  #slowBelow(index: number): number {
    let most = 0;
    for (let k = 0; k < index; k++) if ((this.#batches[k] ?? 0) > 0 && (this.#slow[k] ?? 0) > most && this.#isHigh(k)) most = this.#slow[k] ?? 0;
    return most;
  }

  /** Hearsay is about the shape more than about the speed: it goes along with the sizes that were seen, by their mean ratio. */
  #rescaleHearsay(ratio: number): void {
    if (this.#ownSizes > OWN_SIZES) return;
    const by = ratio ** (1 / this.#ownSizes);
    for (let k = 0; k < this.#classes; k++) {
      if ((this.#batches[k] ?? 0) < 1) this.#micros[k] = (this.#micros[k] ?? 0) * by;
    }
  }

  /** Another batch of a size that looked far too slow: was it so, or was it not? */
  #hear(index: number, micros: number, now: Micros): void {
    const before = this.#micros[index] ?? 0;
    const batches = (this.#batches[index] ?? 0) + 1;
    const isDenied = micros * CONTRADICTION < before;
    if (isDenied) this.#set(index, micros, 1, now);
    else this.#set(index, before + (micros - before) / batches, batches, now);
    this.#countSlow(index, isDenied ? 0 : this.#slow[index] ?? 0);
    if (isDenied) this.#forgive();
  }

  #move(index: number, micros: number, now: Micros): number {
    const before = this.#micros[index] ?? 0;
    const known = this.#batches[index] ?? 0;
    const age = Math.max(0, now - (this.#seenAt[index] ?? 0));
    const left = age === 0 ? known : Math.max(known * 2 ** (-age / HALF_LIFE_MICROS), Math.min(known, LASTING_BATCHES));
    const batches = Math.min(left + 1, MOST_BATCHES);
    const clip = Math.max(LEAST_CLIP, DEVIATIONS * Math.sqrt(this.#base.noise));
    const by = Math.min(Math.max(micros / before - 1, -clip), clip) / batches;
    this.#set(index, before * (1 + by), batches, now);
    return Math.abs(by);
  }

  #set(index: number, micros: number, batches: number, now: Micros): void {
    this.#micros[index] = micros;
    this.#batches[index] = batches;
    this.#seenAt[index] = now;
    if (index >= this.#classes) this.#classes = index + 1;
  }

  /** A larger batch that was much faster shows that what few batches have said of smaller ones was a cold start or a pause. */
  #dropContradicted(index: number): void {
    const most = CONTRADICTION * (this.#micros[index] ?? 0);
    for (let k = 0; k < index; k++) {
      if ((this.#batches[k] ?? 0) < YOUNG_BATCHES && (this.#micros[k] ?? 0) > most) this.#batches[k] = 0;
    }
  }

  #isSuspect(index: number): boolean {
    return (this.#slow[index] ?? 0) < YOUNG_BATCHES && this.#isHigh(index);
  }

  /** A size that looked slow and was not seen for a while is left out, so that it is tried again. */
  #isOnParole(index: number, now: Micros): boolean {
    const age = now - (this.#seenAt[index] ?? 0);
    if (age <= FIRST_TERM_MICROS || !this.#isHigh(index)) return false;
    return age > Math.min(FIRST_TERM_MICROS * 4 ** Math.max(0, (this.#slow[index] ?? 0) - 1), LONGEST_TERM_MICROS);
  }

  /**
   * When a size was seen last that is far faster than the line; -Infinity where none is. What was said of others before that, in a bad
   * while perhaps, made the line what it is: none of them stands out from it, and none that is too slow by it would ever be sent again.
   */
  #lineDeniedAt(): Micros {
    let at = -Infinity;
    for (let index = 0; index < this.#classes; index++) if (this.#isLow(index)) at = Math.max(at, this.#seenAt[index] ?? 0);
    return at;
  }

  #isLow(index: number): boolean {
    return (this.#batches[index] ?? 0) >= YOUNG_BATCHES && (this.#micros[index] ?? 0) * CONTRADICTION < this.#base.at(rowsOfClass(index));
  }

  #isHigh(index: number): boolean {
    const base = this.#base.at(rowsOfClass(index));
    const excess = Math.max(SUSPECT_EXCESS, DEVIATIONS * Math.sqrt(this.#base.noise));
    return base > 0 && (this.#micros[index] ?? 0) > base * (1 + excess);
  }
}
