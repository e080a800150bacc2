import { checkEvent, count, fixed, real } from './cells.ts';
import { addEvidence, evidenceEstimates, readEvidence, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { normalised, soloPlan, softmax } from './pmf.ts';
import type { Arm, Cells, Policy } from './policy.ts';

/** Rewards or losses per arm, each over the probability with which it was seen, and how many there were in all. */
export interface Weighed {
  readonly evidence: Evidence;
  readonly sums: readonly number[];
  readonly rounds: number;
}

/** No propensity weighs more than a million times: a bias of nothing, and cells that no hostile record can blow up. */
export const LEAST_PROPENSITY = 1e-6;

/**
 * Reads the importance-weighted sums in `ARM/CELL`. An arm that has none yet starts at the mean of the others (the good
 * idea of Clipper's released code): at 0 it would be taken for the worst, or for losses the best, of all.
 */
export function readWeighed(cells: Cells, arms: readonly Arm[], cell: string): Weighed {
  const known = arms.filter((arm) => cells.has(`${arm}/${cell}`));
  const mean = known.length === 0 ? 0 : known.reduce((sum, arm) => sum + real(cells, `${arm}/${cell}`), 0) / known.length;
  return {
    evidence: readEvidence(cells, arms),
    sums: arms.map((arm) => (cells.has(`${arm}/${cell}`) ? real(cells, `${arm}/${cell}`) : mean)),
    rounds: count(cells, '/rounds'),
  };
}

/**
 * Exp3 (Auer, Cesa-Bianchi, Freund and Schapire, "The nonstochastic multiarmed bandit problem", 2002, section 3):
 * p = (1 - γ) softmax(γ G / K) + γ / K, G the sum of rewards over their propensities. γ = √(K ln K / ((e - 1) T)), T the
 * horizon, or where none is given the rewards seen so far. Sums instead of products of weights: no underflow, and adds
 * that commute, the propensity being the logged one. Cells: `ARM/g`, `/rounds` and those of `evidence.ts`. Adds only.
 */
function exp3Policy(horizon: number): Policy<Weighed> {
  return {
    name: 'exp3',
    contextual: false,
    contribution(event) {
      checkEvent(event);
      const propensity = Math.max(event.propensity, LEAST_PROPENSITY);
      return [
        ...addEvidence(event),
        ...event.rewards.map(({ arm, reward }) => ({ cell: `${arm}/g`, add: fixed(reward / propensity) })),
        { cell: '/rounds', add: 1n },
      ];
    },
    view: (cells, _nowMicros, arms) => readWeighed(cells, arms, 'g'),
    plan(view, arms, _context, mask) {
      const even = normalised(arms.map(() => 1), mask);
      const open = mask.filter(Boolean).length;
      const rounds = Math.max(1, horizon === 0 ? view.rounds : horizon);
      const gamma = Math.min(1, Math.sqrt((open * Math.log(open)) / ((Math.E - 1) * rounds)));
      const weights = softmax(view.sums.map((gain) => (gamma * gain) / open), mask);
      return soloPlan(arms, weights.map((p, i) => (1 - gamma) * p + gamma * (even[i] ?? 0)));
    },
    estimates: (view) => evidenceEstimates(view.evidence),
  };
}

export const exp3Kind = policyKind({
  name: 'exp3',
  summary: 'Assumes nothing of the rewards, and pays for it; for an adversary.',
  options: { horizon: { type: 'integer', default: 0, min: 0, max: 1e12, help: 'Number of rewards to be best for; 0: as many as there have been.' } },
  make: ({ horizon }) => exp3Policy(horizon),
});
