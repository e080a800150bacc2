import type { Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import type { Policy } from './policy.ts';
import { stretchedThompson } from './stretched-thompson.ts';
import { BETA_PRIOR, type BetaPrior } from './thompson.ts';

const MICROS = 1e6;
const STRETCHES = 32;

/**
 * Thompson sampling on the rewards of the last while (Trovò et al., "Sliding-window Thompson sampling for non-stationary
 * settings", JAIR 2020, algorithm 1). The window moves in steps of a 32nd of itself. Cells: those of `time-cells.ts`.
 */
function slidingWindowThompsonPolicy(windowMicros: number, prior: BetaPrior): Policy<Evidence> {
  return stretchedThompson('sliding-window-thompson', { stretchMicros: windowMicros / STRETCHES, kept: STRETCHES - 1, weight: () => 1, worth: () => 1 }, prior);
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
