import type { Knots } from './knots.ts';
import type { Spread } from './latency-record.ts';
import { LineFit } from './line-fit.ts';
import { Misfit } from './misfit.ts';

/** The logarithm of a thousand to one: so sure must it be that sizes are padded, or that they are not. */
const SURE = 7;
/** Only a size for which the two lines differ by so much can tell. */
const TELLING = 0.02;
/** Sizes that lie closer to the line than this are on it; a law that bends by more than that, and than noise may feign, has steps. */
const STRAIGHT_BEND = 0.03 ** 2;
const STEPPED_BEND = 0.05 ** 2;
const FEIGNED_SHARE = 0.25;
/** So many sizes make a line. */
const LINE_SIZES = 4;

/**
 * The line that a curve stands on: over the rows, or over the rows padded to powers of two, whichever has foretold the
 * batches better; and how far batches lie off it.
 */
export class BaseLine {
  readonly #line = new LineFit({ padded: false });
  readonly #padded = new LineFit({ padded: true });
  #misfit = new Misfit();
  #isPadded = false;
  #sizes = 0;

  /** Variance of one batch about the mean of its size, relative. */
  get noise(): number {
    return this.#misfit.noise;
  }
  /** Variance of the means of sizes about the line, relative. */
  get bend(): number {
    return this.#misfit.bend;
  }
  get isStraight(): boolean {
    return this.#sizes >= LINE_SIZES && this.#misfit.bend < STRAIGHT_BEND;
  }
  /** There are steps beside those of padded sizes. */
  get isStepped(): boolean {
    const { bend, noise, isMeasured } = this.#misfit;
    return isMeasured && bend > Math.max(STEPPED_BEND, FEIGNED_SHARE * noise);
  }

  get spread(): Spread {
    return { noise: Math.sqrt(this.#misfit.noise), bend: Math.sqrt(this.#misfit.bend), isPadded: this.#isPadded };
  }

  /** 0 before the first fit. */
  at(rows: number): number {
    return this.#isPadded ? this.#padded.at(rows) : this.#line.at(rows);
  }

  clear(): void {
    this.#line.clear();
    this.#padded.clear();
    this.#misfit = new Misfit();
    this.#isPadded = false;
    this.#sizes = 0;
  }

  /** Begins with what another line found out. */
  inherit({ noise, bend, isPadded }: Spread): void {
    this.#misfit = new Misfit({ noise: noise * noise, bend: bend * bend });
    this.#isPadded = isPadded;
  }

  /** A batch of a size between those seen: which of the two lines foretold it better? Beyond them both are guesses. */
  judge(rows: number, micros: number): void {
    const line = this.#line.at(rows), padded = this.#padded.at(rows);
    if (line === 0) return;
    if (Math.abs(padded / line - 1) > TELLING) this.#misfit.compareBases(micros / line - 1, micros / padded - 1);
    else this.#misfit.fade();
  }

  /** A batch of a size whose mean so far was `ownMicros`, over `batches` batches. */
  compare(rows: number, micros: number, own: { readonly micros: number; readonly batches: number }): void {
    const base = this.at(rows);
    if (base > 0) this.#misfit.compare(micros / base - 1, micros / own.micros - 1, own.batches);
  }

  fit(knots: Knots): void {
    this.#line.fit(knots, this.#misfit);
    this.#padded.fit(knots, this.#misfit);
    this.#sizes = knots.count;
    const evidence = this.#misfit.paddedEvidence;
    if (Math.abs(evidence) > SURE) this.#isPadded = evidence > 0;
  }
}
