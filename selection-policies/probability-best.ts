import type { Mask } from './policy.ts';
import { normalised } from './pmf.ts';

/** Nodes of a panel. */
export const NODES = 8;

/** Independent random scores, one per arm, each with a smooth density. */
export interface Scores {
  /** Arm `i`'s score lies outside [low[i], high[i]] with a probability below 2^-28. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The widest panel going down from `at` over which a polynomial through NODES nodes renders the density of arm `i`. */
  width(i: number, at: number): number;
  /** Gets ready for densities at these NODES points. */
  prepare(points: Float64Array): void;
  /** Writes the densities of arm `i` at the prepared points to `out`, from `from` on. */
  densities(i: number, out: Float64Array, from: number): void;
}

/**
 * For each arm the probability that its score is the greatest of those that may be asked: P_i = ∫ f_i(x) Π_{j≠i} F_j(x) dx.
 * That is the pmf of Thompson sampling (Thompson 1933; written so by Scott, "A modern Bayesian look at the multi-armed
 * bandit", 2010, section 2). Computed by Gauss–Legendre quadrature over panels that are as fine as the narrowest density
 * there asks for, from the top down, the distribution functions being integrated along from above: all relative to the
 * top, so that arms that are far behind cost nothing. Error of each probability below 1e-7 (held by tests against closed
 * forms and against finer panels). Masked arms get 0.
 */
export function probabilityBest(scores: Scores, mask: Mask): number[] {
  const arms = scores.low.length;
  const best = new Array<number>(arms).fill(0);
  const open: number[] = [];
  let top = -Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < arms; i++) {
    if (mask[i] !== true) continue;
    open.push(i);
    top = Math.max(top, scores.high[i] ?? 0);
    // Below the greatest low end one arm at least is certain to be above.
    bottom = Math.max(bottom, scores.low[i] ?? 0);
  }
  if (open.length > 1) integrate(scores, { open, top, bottom }, best);
  else for (const i of open) best[i] = 1;
  return normalised(best, mask);
}

interface Range {
  readonly open: readonly number[];
  readonly top: number;
  readonly bottom: number;
}

function integrate(scores: Scores, { open, top, bottom }: Range, best: number[]): void {
  const above = new Float64Array(scores.low.length);
  const points = new Float64Array(NODES);
  const density = new Float64Array(open.length * NODES);
  const below = new Float64Array(open.length * NODES);
  const others = new Float64Array(open.length * NODES);
  const active: number[] = [];
  for (let at = top; at > bottom;) {
    const width = nextPanel(scores, open, at, active);
    const end = Math.max(bottom, at - width);
    const half = (at - end) / 2;
    // Panels narrower than the spacing of floats around them: nothing is left to resolve.
    if (end >= at || half <= 0) break;
    for (let k = 0; k < NODES; k++) points[k] = at + half * ((ABSCISSAS[k] ?? 0) - 1);
    scores.prepare(points);
    for (let a = 0; a < active.length; a++) {
      const i = active[a] ?? 0;
      scores.densities(i, density, a * NODES);
      above[i] = integrateArm(density, below, a * NODES, { half, above: above[i] ?? 0 });
    }
    productsOfOthers(below, others, active.length);
    for (let a = 0; a < active.length; a++) {
      let sum = 0;
      for (let k = 0, at = a * NODES; k < NODES; k++, at++) sum += (WEIGHTS[k] ?? 0) * (density[at] ?? 0) * (others[at] ?? 0);
      const i = active[a] ?? 0;
      best[i] = (best[i] ?? 0) + half * sum;
    }
    at = end;
  }
}

/** The width of the panel that goes down from `at`; `active` becomes the arms that have density in it. */
function nextPanel(scores: Scores, open: readonly number[], at: number, active: number[]): number {
  let width = Infinity;
  let count = 0;
  for (let a = 0; a < open.length; a++) {
    const i = open[a] ?? 0;
    const high = scores.high[i] ?? 0;
    const step = scores.width(i, Math.min(at, high));
    // An arm that begins further down ends the panel there, unless it begins so near that its own first panel may begin here.
    if (at - high > step / 2) {
      width = Math.min(width, at - high);
    } else {
      width = Math.min(width, step);
      active[count++] = i;
    }
  }
  active.length = count;
  return width;
}

/** Integrates one arm's densities over the panel: its probability below each node, to `below`. Returns that above the panel's end. */
function integrateArm(density: Float64Array, below: Float64Array, from: number, { half, above }: { half: number; above: number }): number {
  let whole = 0;
  for (let k = 0; k < NODES; k++) {
    let partial = 0;
    for (let l = 0; l < NODES; l++) partial += (FROM_ABOVE[k * NODES + l] ?? 0) * (density[from + l] ?? 0);
    below[from + k] = Math.min(1, Math.max(0, 1 - above - half * partial));
    whole += (WEIGHTS[k] ?? 0) * (density[from + k] ?? 0);
  }
  return above + half * whole;
}

/** At each node and for each arm, the product of `below` over the other arms; arms that have not begun count 1. */
function productsOfOthers(below: Float64Array, others: Float64Array, arms: number): void {
  for (let k = 0; k < NODES; k++) {
    let product = 1;
    for (let at = k, end = arms * NODES; at < end; at += NODES) {
      others[at] = product;
      product *= below[at] ?? 0;
    }
    product = 1;
    for (let at = (arms - 1) * NODES + k; at >= 0; at -= NODES) {
      others[at] = (others[at] ?? 0) * product;
      product *= below[at] ?? 0;
    }
  }
}

const { abscissas: ABSCISSAS, weights: WEIGHTS } = gaussLegendre();
/** Row k: the weights that integrate the interpolating polynomial from node k up to 1. */
const FROM_ABOVE = integrationMatrix();

/** Nodes and weights on [-1, 1], the nodes falling (Newton on the Legendre polynomial, from Tricomi's guess). */
function gaussLegendre(): { abscissas: Float64Array; weights: Float64Array } {
  const abscissas = new Float64Array(NODES);
  const weights = new Float64Array(NODES);
  for (let k = 0; k < NODES; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (NODES + 0.5));
    let slope = 0;
    for (let step = 0; step < 8; step++) {
      let [before, value] = [1, x];
      for (let n = 2; n <= NODES; n++) [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      slope = (NODES * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    abscissas[k] = x;
    weights[k] = 2 / ((1 - x * x) * slope * slope);
  }
  return { abscissas, weights };
}

function integrationMatrix(): Float64Array {
  const matrix = new Float64Array(NODES * NODES);
  for (let k = 0; k < NODES; k++) {
    const half = (1 - (ABSCISSAS[k] ?? 0)) / 2;
    for (let l = 0; l < NODES; l++) {
      let sum = 0;
      // The polynomials have degree NODES - 1, so the same rule, scaled to [node k, 1], is exact.
      for (let q = 0; q < NODES; q++) sum += (WEIGHTS[q] ?? 0) * lagrange(l, 1 - half * (1 - (ABSCISSAS[q] ?? 0)));
      matrix[k * NODES + l] = half * sum;
    }
  }
  return matrix;
}

function lagrange(l: number, x: number): number {
  let product = 1;
  for (let m = 0; m < NODES; m++) if (m !== l) product *= (x - (ABSCISSAS[m] ?? 0)) / ((ABSCISSAS[l] ?? 0) - (ABSCISSAS[m] ?? 0));
  return product;
}
