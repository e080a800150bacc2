import { stirlingRemainder } from './log-gamma.ts';
import { NODES, type Scores } from './probability-best.ts';

/** -ln of the density's tail at which an arm's range ends. */
const FALL = 21;

/**
 * Scores location_i + scale_i · T, T of Student's distribution with freedom_i degrees; Infinity for the normal one.
 */
export class StudentScores implements Scores {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly #location: Float64Array;
  readonly #scale: Float64Array;
  readonly #freedom: Float64Array;
  readonly #logPeak: Float64Array;
  readonly #points = new Float64Array(NODES);

  /** `freedom[i]` at least 1, `scale[i]` at least 0 (a score that is certain is given a width that decides nothing). */
  constructor(location: Float64Array, scale: Float64Array, freedom: Float64Array) {
    const least = 1e-9 * Math.max(1, ...location.map(Math.abs));
    this.#location = location;
    this.#scale = scale.map((value) => Math.max(value, least));
    this.#freedom = freedom;
    const reach = this.#scale.map((value, i) => value * tail(freedom[i] ?? 1));
    this.low = location.map((value, i) => value - (reach[i] ?? 0));
    this.high = location.map((value, i) => value + (reach[i] ?? 0));
    this.#logPeak = this.#scale.map((value, i) => logPeak(freedom[i] ?? 1) - Math.log(value));
  }

  width(i: number, at: number): number {
    const scale = this.#scale[i] ?? 0;
    const freedom = this.#freedom[i] ?? 1;
    const far = Math.abs(at - (this.#location[i] ?? 0)) / scale;
    if (freedom === Infinity) return scale * Math.min(2.5, 10 / far);
    // Also by the distance from the density's poles, location ± i √freedom scale.
    return scale * Math.min(2 * Math.sqrt((freedom + far * far) / (freedom + 1)), 0.6 * far + 0.55 * Math.sqrt(freedom));
  }

  prepare(points: Float64Array): void {
    this.#points.set(points);
  }

  densities(i: number, out: Float64Array, from: number): void {
    const location = this.#location[i] ?? 0;
    const scale = this.#scale[i] ?? 0;
    const freedom = this.#freedom[i] ?? 1;
    const logPeak = this.#logPeak[i] ?? 0;
    for (let k = 0; k < NODES; k++) {
      const u = ((this.#points[k] ?? 0) - location) / scale;
      const fall = freedom === Infinity ? (u * u) / 2 : ((freedom + 1) / 2) * Math.log1p((u * u) / freedom);
      out[from + k] = Math.exp(logPeak - fall);
    }
  }
}

/** How many scales from its middle the distribution has less than e^-FALL left. */
function tail(freedom: number): number {
  return freedom === Infinity ? Math.sqrt(2 * FALL) : Math.sqrt(freedom * Math.expm1((2 * FALL) / freedom));
}

/** ln of the density at the middle, for scale 1: Γ((ν + 1) / 2) / (Γ(ν / 2) √(νπ)). */
function logPeak(freedom: number): number {
  if (freedom === Infinity) return -0.5 * Math.log(2 * Math.PI);
  const half = freedom / 2;
  const main = half * Math.log1p(0.5 / half) - 0.5;
  return main + stirlingRemainder(half + 0.5) - stirlingRemainder(half) - 0.5 * Math.log(2 * Math.PI);
}
