import { checkEvent, fixed } from './cells.ts';
import { addEvidence, evidenceEstimates } from './evidence.ts';
import { readWeighed, type Weighed } from './exp3.ts';
import { policyKind } from './kind.ts';
import { soloPlan, softmax } from './pmf.ts';
import type { Policy } from './policy.ts';

/**
 * Exp3-IX (Neu, "Explore no more", NIPS 2015, algorithm 1): p = softmax(-η L), L the sum of losses over their propensity
 * plus γ, which bounds their variance without exploring on purpose. η = √(2 ln K / (K T)), γ = η / 2, K the arms of the
 * app and T the horizon: fixed, for what an event adds may depend on nothing else.
 * Cells: `ARM/l` and those of `evidence.ts`. Adds only.
 */
function exp3IxPolicy(horizon: number): Policy<Weighed> {
  const rate = (arms: number): number => Math.sqrt((2 * Math.log(Math.max(2, arms))) / (Math.max(2, arms) * horizon));
  return {
    name: 'exp3-ix',
    contextual: false,
    contribution(event, arms) {
      checkEvent(event);
      const weight = event.propensity + rate(arms.length) / 2;
      return [...addEvidence(event), ...event.rewards.map(({ arm, reward }) => ({ cell: `${arm}/l`, add: fixed((1 - reward) / weight) }))];
    },
    view: (cells, _nowMicros, arms) => readWeighed(cells, arms, 'l'),
    plan: (view, arms, _context, mask) => soloPlan(arms, softmax(view.sums.map((loss) => -rate(arms.length) * loss), mask)),
    estimates: (view) => evidenceEstimates(view.evidence),
  };
}

export const exp3IxKind = policyKind({
  name: 'exp3-ix',
  summary: 'Exp3 with implicit exploration: its bound holds with high probability too.',
  options: { horizon: { type: 'integer', default: 10_000, min: 1, max: 1e12, help: 'Number of rewards to be best for.' } },
  make: ({ horizon }) => exp3IxPolicy(horizon),
});
