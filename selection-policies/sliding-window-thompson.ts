import { checkEvent } from './cells.ts';
import { addPrior, evidenceEstimates, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';
import { BETA_PRIOR, betaThompson, type BetaPrior } from './thompson.ts';
import { addToStretch, expiredStretches, readStretches, type Stretches } from './time-cells.ts';

const MICROS = 1e6;
const STRETCHES = 32;

/**
 * Thompson sampling on the rewards of the last while (Trovò et al., "Sliding-window Thompson sampling for non-stationary
 * settings", JAIR 2020, algorithm 1). The window moves in steps of a 32nd of itself. Cells: those of `time-cells.ts`.
 */
function slidingWindowThompsonPolicy(windowMicros: number, prior: BetaPrior): Policy<Evidence> {
  const stretches: Stretches = { stretchMicros: windowMicros / STRETCHES, kept: STRETCHES - 1, weight: () => 1, worth: () => 1 };
  return {
    name: 'sliding-window-thompson',
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

export const slidingWindowThompsonKind = policyKind({
  name: 'sliding-window-thompson',
  summary: 'Thompson sampling on the rewards of the last while.',
  options: {
    ...BETA_PRIOR,
    window_s: { type: 'number', default: 3600, min: 1e-6, max: 1e9, help: 'Seconds of rewards that count.' },
  },
  make: (options) => slidingWindowThompsonPolicy(options.window_s * MICROS, { successes: options.prior_successes, failures: options.prior_failures }),
});
