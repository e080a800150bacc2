import { BetaScores } from './beta-scores.ts';
import { addEvidence, evidenceEstimates, readEvidence, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Mask, Policy } from './policy.ts';
import { probabilityBest } from './probability-best.ts';

/** The prior Beta(successes, failures) of every arm. */
export interface BetaPrior {
  readonly successes: number;
  readonly failures: number;
}

/** The options of a Beta prior, for every policy that has one. */
export const BETA_PRIOR = {
  prior_successes: { type: 'number', default: 1, min: 0.1, max: 1e6, help: 'Successes that every arm is credited with before it is tried.' },
  prior_failures: { type: 'number', default: 1, min: 0.1, max: 1e6, help: 'Failures that every arm is charged with before it is tried.' },
} as const;

/** The probability that each arm's mean reward is the highest, under Beta posteriors: to 1e-7 (`probability-best.ts`). */
export function betaThompson({ successes, failures }: Evidence, prior: BetaPrior, mask: Mask): number[] {
  return probabilityBest(new BetaScores(successes.map((s) => s + prior.successes), failures.map((f) => f + prior.failures)), mask);
}

/**
 * Thompson sampling (Thompson, Biometrika 1933; Chapelle and Li, NIPS 2011, algorithm 2): an arm is asked with the
 * probability that it is the best one, given Beta posteriors. A reward r in [0, 1] counts r of a success and 1 - r of a
 * failure. Between snapshots all queries draw from the same posterior, which is Thompson sampling with delayed rewards
 * (their table 1). Cells: those of `evidence.ts`.
 */
function thompsonPolicy(prior: BetaPrior): Policy<Evidence> {
  return {
    name: 'thompson',
    contextual: false,
    contribution: addEvidence,
    view: (cells, _nowMicros, arms, priors) => readEvidence(cells, arms, priors),
    plan: (view, arms, _context, mask) => soloPlan(arms, betaThompson(view, prior, mask)),
    estimates: evidenceEstimates,
  };
}

export const thompsonKind = policyKind({
  name: 'thompson',
  summary: 'Each arm as often as it is likely to be the best; for rewards that do not change.',
  options: BETA_PRIOR,
  make: ({ prior_successes: successes, prior_failures: failures }) => thompsonPolicy({ successes, failures }),
});
