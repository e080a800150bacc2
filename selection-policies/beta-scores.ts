import { stirlingRemainder } from './log-gamma.ts';
import { NODES, type Scores } from './probability-best.ts';

/** ln of the density's fall from its mode at which an arm's range ends. */
const FALL = 22;
/** Beyond it the logarithms lose the digits that tell arms apart: more evidence is scaled down to it. */
const MOST_EVIDENCE = 1e9;

/**
 * Scores that are Beta(a_i, b_i), taken to t = ln(x / (1 - x)): there every Beta density is smooth, bell-shaped and without
 * the ends' singularities, and the order of the scores is the same.
 */
export class BetaScores implements Scores {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly #a: Float64Array;
  readonly #sum: Float64Array;
  /** ln density(t) = sum · ln σ(t) - b t + constant. */
  readonly #constant: Float64Array;
  readonly #logSigma = new Float64Array(NODES);
  readonly #points = new Float64Array(NODES);

  /** `a[i]` and `b[i]` above 0. */
  constructor(a: Float64Array, b: Float64Array) {
    this.#a = Float64Array.from(a, (value, i) => scaled(value, value + (b[i] ?? 0)));
    this.#sum = Float64Array.from(b, (value, i) => (this.#a[i] ?? 0) + scaled(value, value + (a[i] ?? 0)));
    this.low = new Float64Array(a.length);
    this.high = new Float64Array(a.length);
    this.#constant = new Float64Array(a.length);
    for (let i = 0; i < a.length; i++) this.#place(i);
  }

  width(i: number, at: number): number {
    const sum = this.#sum[i] ?? 0;
    const x = 1 / (1 + Math.exp(-at));
    const curvature = sum * x * (1 - x);
    const slope = Math.abs((this.#a[i] ?? 0) - sum * x);
    return Math.min(2 / Math.sqrt(curvature), 8 / slope, 2.4);
  }

  prepare(points: Float64Array): void {
    for (let k = 0; k < NODES; k++) {
      const t = points[k] ?? 0;
      this.#points[k] = t;
      this.#logSigma[k] = logSigma(t);
    }
  }

  densities(i: number, out: Float64Array, from: number): void {
    const sum = this.#sum[i] ?? 0;
    const b = sum - (this.#a[i] ?? 0);
    const constant = this.#constant[i] ?? 0;
    for (let k = 0; k < NODES; k++) out[from + k] = Math.exp(sum * (this.#logSigma[k] ?? 0) - b * (this.#points[k] ?? 0) + constant);
  }

  #place(i: number): void {
    const a = this.#a[i] ?? 0;
    const sum = this.#sum[i] ?? 0;
    const b = sum - a;
    const mode = Math.log(a / b);
    const atMode = sum * logSigma(mode) - b * mode;
    // ln of the density at the mode, Stirling's main terms having cancelled by hand.
    const peak = 0.5 * Math.log((a * b) / (2 * Math.PI * sum)) - stirlingRemainder(a) - stirlingRemainder(b) + stirlingRemainder(sum);
    this.#constant[i] = peak - atMode;
    const reach = Math.sqrt(2 * FALL * (1 / a + 1 / b));
    this.low[i] = this.#edge({ i, from: mode - reach, floor: atMode - FALL });
    this.high[i] = this.#edge({ i, from: mode + reach, floor: atMode - FALL });
  }

  /** Where the density has fallen to the floor, a little beyond rather than short of it. Concave, so Newton comes from outside. */
  #edge({ i, from, floor }: { i: number; from: number; floor: number }): number {
    const a = this.#a[i] ?? 0;
    const sum = this.#sum[i] ?? 0;
    let t = from;
    for (let step = 0; step < 60; step++) {
      const excess = sum * logSigma(t) - (sum - a) * t - floor;
      if (excess <= 0 && excess > -1) break;
      t -= (excess + 0.5) / (a - sum / (1 + Math.exp(-t)));
    }
    return t;
  }
}

/** A side of a Beta whose sides have this sum. Never below 1 for having been scaled: the density would run on without end. */
function scaled(side: number, sum: number): number {
  return sum > MOST_EVIDENCE ? Math.max((side * MOST_EVIDENCE) / sum, Math.min(side, 1)) : side;
}

function logSigma(t: number): number {
  return t > 0 ? -Math.log1p(Math.exp(-t)) : t - Math.log1p(Math.exp(t));
}
