import { addEvidence, evidenceEstimates, readEvidence, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { greatest, normalised, soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';

/**
 * ε-greedy (Sutton and Barto, "Reinforcement Learning", section 2.2): the arm of the best mean with probability 1 - ε,
 * any with ε. An arm without evidence counts as perfect, so each is tried. Cells: those of `evidence.ts`.
 */
function epsilonGreedyPolicy(epsilon: number): Policy<Evidence> {
  return {
    name: 'epsilon-greedy',
    contextual: false,
    contribution: addEvidence,
    view: (cells, _nowMicros, arms, priors) => readEvidence(cells, arms, priors),
    plan(view, arms, _context, mask) {
      const best = greatest(evidenceEstimates(view).map((estimate) => estimate?.mean ?? 1), mask);
      const even = normalised(best.map(() => 1), mask);
      return soloPlan(arms, best.map((p, i) => (1 - epsilon) * p + epsilon * (even[i] ?? 0)));
    },
    estimates: evidenceEstimates,
  };
}

export const epsilonGreedyKind = policyKind({
  name: 'epsilon-greedy',
  summary: 'The arm of the best mean reward, and now and then any.',
  options: { epsilon: { type: 'number', default: 0.05, min: 0, max: 1, help: 'Share of the queries that go to any arm.' } },
  make: ({ epsilon }) => epsilonGreedyPolicy(epsilon),
});
