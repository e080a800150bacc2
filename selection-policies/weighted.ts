import { policyKind } from './kind.ts';
import { normalised, soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';

/** Fixed shares, for A/B tests and slow ramps: an arm that is masked gives its share to the others in proportion. Cells: none. */
function weightedPolicy(weights: ReadonlyMap<string, number>): Policy<number> {
  return {
    name: 'weighted',
    contextual: false,
    contribution: () => [],
    view: (_cells, _nowMicros, arms) => arms.length,
    // An arm that was given no weight has none; where only such arms are left, they share evenly.
    plan: (_view, arms, _context, mask) => soloPlan(arms, normalised(arms.map((arm) => (weights.size === 0 ? 1 : weights.get(arm) ?? 0)), mask)),
    estimates: (arms) => new Array<undefined>(arms).fill(undefined),
  };
}

export const weightedKind = policyKind({
  name: 'weighted',
  summary: 'Fixed shares of the traffic.',
  options: { weights: { type: 'weights', max: 64, help: 'Share of each arm, in any unit; even shares where none is given.' } },
  make: ({ weights }) => weightedPolicy(weights),
});
