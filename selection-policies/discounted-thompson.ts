import type { Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import type { Policy } from './policy.ts';
import { stretchedThompson } from './stretched-thompson.ts';
import { BETA_PRIOR, type BetaPrior } from './thompson.ts';
import { fadingStretches } from './time-cells.ts';

const MICROS = 1e6;

/**
 * Discounted Thompson sampling (Raj and Kalyani, "Taming non-stationary bandits", 2017, algorithm 1): evidence loses half
 * of its weight every half-life. By time rather than by steps, because it must not depend on who counts: forward decay, as
 * in `fadingStretches`. Cells: those of `time-cells.ts`.
 */
function discountedThompsonPolicy(halfLifeMicros: number, prior: BetaPrior): Policy<Evidence> {
  return stretchedThompson('discounted-thompson', fadingStretches(halfLifeMicros), prior);
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
