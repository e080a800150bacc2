import { checkEvent } from './cells.ts';
import { addPrior, evidenceEstimates, type Evidence } from './evidence.ts';
import { soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';
import { betaThompson, type BetaPrior } from './thompson.ts';
import { addToStretch, expiredStretches, readStretches, type Stretches } from './time-cells.ts';

/** Thompson sampling on rewards that count by when they came: how, say the stretches. Cells: those of `time-cells.ts`. */
export function stretchedThompson(name: string, stretches: Stretches, prior: BetaPrior): Policy<Evidence> {
  return {
    name,
    contextual: false,
    contribution(event) {
      checkEvent(event);
      return addToStretch(event, stretches);
    },
    view(cells, nowMicros, arms, priors) {
      const evidence = readStretches(cells, nowMicros, arms, stretches);
      for (const i of arms.keys()) addPrior(evidence, i, priors?.[i]);
      return evidence;
    },
    plan: (view, arms, _context, mask) => soloPlan(arms, betaThompson(view, prior, mask)),
    estimates: evidenceEstimates,
    expired: (cells, nowMicros) => expiredStretches(cells, nowMicros, stretches),
  };
}
