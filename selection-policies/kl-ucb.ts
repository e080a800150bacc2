import { bernoulliKl } from './bernoulli.ts';
import { addEvidence, evidenceEstimates, readEvidence, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { greatest, soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';

/**
 * kl-UCB (Garivier and Cappé, COLT 2011, algorithm 1): the arm of the greatest max{q : n KL(mean, q) ≤ ln t + c ln ln t}.
 * No chance is in it: between two snapshots all queries go to one arm (arms that tie share), so it spreads less than
 * Thompson where rewards are late, and its propensities of 0 and 1 are of no use for evaluation afterwards.
 * Cells: those of `evidence.ts`.
 */
function klUcbPolicy(c: number): Policy<Evidence> {
  return {
    name: 'kl-ucb',
    contextual: false,
    contribution: addEvidence,
    view: (cells, _nowMicros, arms, priors) => readEvidence(cells, arms, priors),
    plan(view, arms, _context, mask) {
      const estimates = evidenceEstimates(view);
      const t = estimates.reduce((sum, estimate) => sum + (estimate?.weight ?? 0), 0);
      const budget = t > 1 ? Math.log(t) + c * Math.log(Math.max(1, Math.log(t))) : 0;
      return soloPlan(arms, greatest(estimates.map((estimate) => (estimate === undefined ? Infinity : upperBound(estimate.mean, budget / estimate.weight))), mask));
    },
    estimates: evidenceEstimates,
  };
}

/** The greatest q in [mean, 1] with KL(mean, q) ≤ budget, by bisection to 2^-40. */
function upperBound(mean: number, budget: number): number {
  let inside = mean;
  let outside = 1;
  if (bernoulliKl(mean, outside) <= budget) return 1;
  for (let step = 0; step < 40; step++) {
    const middle = (inside + outside) / 2;
    if (bernoulliKl(mean, middle) <= budget) inside = middle;
    else outside = middle;
  }
  return inside;
}

export const klUcbKind = policyKind({
  name: 'kl-ucb',
  summary: 'The arm whose mean could be the highest, by an exact confidence bound; deterministic.',
  options: { c: { type: 'number', default: 0, min: 0, max: 10, help: 'Weight of ln ln t in the bound; 0 is best in practice, 3 is what the proof needs.' } },
  make: ({ c }) => klUcbPolicy(c),
});
