import { checkEvent, fixed, real } from './cells.ts';
import { factorise, solveLower, solveUpper } from './cholesky.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Arm, Cells, Context, Estimate, Increment, Policy } from './policy.ts';
import { probabilityBest } from './probability-best.ts';
import { StudentScores } from './student-scores.ts';

/** One arm's regression: the Cholesky factor of λI + Σxxᵀ, and θ̂. */
interface Regression {
  readonly factor: Float64Array;
  readonly theta: Float64Array;
  readonly estimate: Estimate | undefined;
}

/** The feature that is always 1; no feature of a context has an empty name. */
const BIAS = '';
/** Features are cut to it, so that no context can fill a cell. */
const MOST_FEATURE = 1024;

interface LinTsOptions {
  readonly features: readonly string[];
  readonly exploration: number;
  readonly ridge: number;
}

/**
 * Linear Thompson sampling (Agrawal and Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013,
 * algorithm 1), one regression per arm: θ ~ N(θ̂, v² A⁻¹), A = λI + Σxxᵀ, the arm of the greatest θ·x is asked. Of θ only
 * θ·x matters, and given x that is N(θ̂·x, v²|L⁻¹x|²), L the Cholesky factor of A: so nothing is drawn, and the
 * probabilities are integrated (`probability-best.ts`, to 1e-7).
 * x is 1 and the context's `features`, numbers and booleans; what is missing or anything else is 0.
 * Cells: `ARM/a/["f","g"]`, the sum of products of two features, and `ARM/b/"f"`, that of a feature and the reward. Adds only.
 */
function linTsPolicy({ features, exploration, ridge }: LinTsOptions): Policy<readonly Regression[]> {
  const names = [BIAS, ...features];
  const size = names.length;
  const sumCells = names.map((name) => `b/${JSON.stringify(name)}`);
  const productCells = names.flatMap((row, i) => names.slice(0, i + 1).map((column) => `a/${JSON.stringify([row, column].sort())}`));
  const x = new Float64Array(size);
  const z = new Float64Array(size);
  return {
    name: 'lin-ts',
    contextual: true,
    contribution(event) {
      checkEvent(event);
      readFeatures(event.context, features, x);
      const increments: Increment[] = [];
      for (const { arm, reward } of event.rewards) {
        for (let i = 0, at = 0; i < size; i++) {
          if (x[i] !== 0) increments.push({ cell: `${arm}/${sumCells[i] ?? ''}`, add: fixed((x[i] ?? 0) * reward) });
          for (let j = 0; j <= i; j++, at++) {
            const product = (x[i] ?? 0) * (x[j] ?? 0);
            if (product !== 0) increments.push({ cell: `${arm}/${productCells[at] ?? ''}`, add: fixed(product) });
          }
        }
      }
      return increments;
    },
    view: (cells, _nowMicros, arms, priors) => arms.map((arm, i) => regression(cells, arm, { sumCells, productCells, ridge, prior: priors?.[i] })),
    plan(view, arms, context, mask) {
      readFeatures(context, features, x);
      const mean = new Float64Array(arms.length);
      const deviation = new Float64Array(arms.length);
      for (const [i, { factor, theta }] of view.entries()) {
        solveLower(factor, x, z);
        let [score, square] = [0, 0];
        for (let k = 0; k < size; k++) {
          score += (theta[k] ?? 0) * (x[k] ?? 0);
          square += (z[k] ?? 0) ** 2;
        }
        mean[i] = score;
        deviation[i] = exploration * Math.sqrt(square);
      }
      return soloPlan(arms, probabilityBest(new StudentScores(mean, deviation, mean.map(() => Infinity)), mask));
    },
    estimates: (view) => view.map(({ estimate }) => estimate),
  };
}

function readFeatures(context: Context, features: readonly string[], x: Float64Array): void {
  x[0] = 1;
  for (let i = 0; i < features.length; i++) {
    const name = features[i] ?? '';
    // What a context inherits is never a number.
    const value = context?.[name];
    x[i + 1] = typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, -MOST_FEATURE), MOST_FEATURE) : value === true ? 1 : 0;
  }
}

interface RegressionParts {
  readonly sumCells: readonly string[];
  readonly productCells: readonly string[];
  readonly ridge: number;
  readonly prior: Estimate | undefined;
}

function regression(cells: Cells, arm: Arm, { sumCells, productCells, ridge, prior }: RegressionParts): Regression {
  const size = sumCells.length;
  const sums = Float64Array.from(sumCells, (cell) => real(cells, `${arm}/${cell}`));
  const factor = Float64Array.from(productCells, (cell) => real(cells, `${arm}/${cell}`));
  const weight = Math.max(0, (factor[0] ?? 0)) + (prior?.weight ?? 0);
  // What is inherited is known of the bias alone: so many rewards of that mean, features 0.
  sums[0] = (sums[0] ?? 0) + (prior === undefined ? 0 : prior.weight * prior.mean);
  factor[0] = weight;
  for (let i = 0; i < size; i++) {
    const diagonal = (i * (i + 1)) / 2 + i;
    factor[diagonal] = (factor[diagonal] ?? 0) + ridge;
  }
  const estimate = weight > 0 ? { mean: Math.min(1, Math.max(0, (sums[0] ?? 0) / weight)), weight } : undefined;
  factorise(factor, size, ridge / 2);
  const theta = new Float64Array(size);
  const half = new Float64Array(size);
  solveLower(factor, sums, half);
  solveUpper(factor, half, theta);
  return { factor, theta, estimate };
}

export const linTsKind = policyKind({
  name: 'lin-ts',
  summary: 'Thompson sampling on a linear model of what the caller says of the query.',
  options: {
    features: { type: 'names', max: 63, help: 'Fields of the context that are read, as numbers; best scaled to about -1 to 1.' },
    exploration: { type: 'number', default: 0.25, min: 0, max: 100, help: 'v: how many deviations of the posterior to explore.' },
    ridge: { type: 'number', default: 1, min: 1e-3, max: 1e6, help: 'λ: rewards of nothing that each feature starts with.' },
  },
  make: (options) => linTsPolicy(options),
});
