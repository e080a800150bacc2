import { checkEvent } from './cells.ts';
import { addPrior, evidenceEstimates, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';
import { BETA_PRIOR, betaThompson, type BetaPrior } from './thompson.ts';
import { addToStretch, expiredStretches, readStretches, type Stretches } from './time-cells.ts';

const MICROS = 1e6;
/** Half-lives in a stretch: weights within one go from 1 to 2^16. */
const HALVINGS = 16;

/**
 * Discounted Thompson sampling (Raj and Kalyani, "Taming non-stationary bandits", 2017, algorithm 1): evidence loses half
 * of its weight every half-life. By time rather than by steps, because it must not depend on who counts: forward decay
 * (Cormode et al., ICDE 2009): a reward at time t is added with the weight 2^((t - L) / half-life), L the beginning of its
 * stretch of 16 half-lives, and the whole is scaled down when it is read. What is more than two stretches old, less than
 * 2^-32 of its weight, is not read. Cells: those of `time-cells.ts`.
 */
function discountedThompsonPolicy(halfLifeMicros: number, prior: BetaPrior): Policy<Evidence> {
  const stretches: Stretches = {
    stretchMicros: HALVINGS * halfLifeMicros,
    kept: 2,
    weight: (part) => 2 ** (HALVINGS * part),
    worth: (age) => 2 ** (-HALVINGS * age),
  };
  return {
    name: 'discounted-thompson',
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

export const discountedThompsonKind = policyKind({
  name: 'discounted-thompson',
  summary: 'Thompson sampling whose evidence fades; for rewards that drift at a known pace.',
  options: {
    ...BETA_PRIOR,
    half_life_s: { type: 'number', default: 3600, min: 1e-6, max: 1e9, help: 'Seconds after which evidence counts half.' },
  },
  make: (options) => discountedThompsonPolicy(options.half_life_s * MICROS, { successes: options.prior_successes, failures: options.prior_failures }),
});
