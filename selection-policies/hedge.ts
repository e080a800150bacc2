import { checkEvent, fixed, real } from './cells.ts';
import { evidenceEstimates, type Evidence } from './evidence.ts';
import { policyKind } from './kind.ts';
import { softmax } from './pmf.ts';
import type { Policy } from './policy.ts';
import { addToStretch, expiredStretches, fadingStretches, readStretches, stretchAt } from './time-cells.ts';

interface HedgeView {
  readonly evidence: Evidence;
  readonly losses: readonly number[];
}

const MICROS = 1e6;

/**
 * Hedge (Freund and Schapire, "A decision-theoretic generalization of on-line learning", 1997, section 2) for ensembles:
 * asks every arm that may be asked, and weighs their answers by softmax(-η L), L each arm's sum of losses and
 * η = √(8 ln K / T) (Cesa-Bianchi and Lugosi 2006, theorem 2.3), T the rewards seen. Full information: every arm is charged
 * its own loss, and no propensity comes into it (which Clipper's released Exp4 got wrong). A loss is counted against the
 * mean of the arms that had one in the same decision, so an arm that was masked meanwhile neither gains nor loses.
 * What is past fades with the half-life, as in `fadingStretches`.
 * Cells: `ARM/tL/K/l`, the sum of losses above the mean, and those of `time-cells.ts`. Adds only.
 */
function hedgePolicy(halfLifeMicros: number): Policy<HedgeView> {
  const stretches = fadingStretches(halfLifeMicros);
  return {
    name: 'hedge',
    contextual: false,
    contribution(event) {
      checkEvent(event);
      const place = event.atMicros / stretches.stretchMicros;
      const stretch = Math.floor(place);
      const weight = stretches.weight(place - stretch);
      const mean = event.rewards.reduce((sum, { reward }) => sum + reward, 0) / event.rewards.length;
      return [
        ...addToStretch(event, stretches),
        ...event.rewards.map(({ arm, reward }) => ({ cell: `${stretchAt(arm, stretches.stretchMicros, stretch)}/l`, add: fixed(weight * (mean - reward)) })),
      ];
    },
    view(cells, nowMicros, arms) {
      const now = nowMicros / stretches.stretchMicros;
      const losses = arms.map((arm) => {
        let sum = 0;
        for (let stretch = Math.floor(now) - stretches.kept; stretch <= Math.floor(now) + 1; stretch++) {
          sum += stretches.worth(now - stretch) * real(cells, `${stretchAt(arm, stretches.stretchMicros, stretch)}/l`);
        }
        return sum;
      });
      return { evidence: readStretches(cells, nowMicros, arms, stretches), losses };
    },
    plan(view, arms, _context, mask) {
      const rounds = Math.max(1, ...view.evidence.successes.map((good, i) => good + (view.evidence.failures[i] ?? 0)));
      const eta = Math.sqrt((8 * Math.log(Math.max(2, arms.length))) / rounds);
      const weights = softmax(view.losses.map((loss) => -eta * loss), mask);
      const open = [...arms.keys()].filter((i) => mask[i] === true);
      return { actions: [{ ask: open.map((i) => arms[i] ?? ''), weights: open.map((i) => weights[i] ?? 0) }], pmf: [1] };
    },
    estimates: (view) => evidenceEstimates(view.evidence),
    expired: (cells, nowMicros) => expiredStretches(cells, nowMicros, stretches),
  };
}

export const hedgeKind = policyKind({
  name: 'hedge',
  summary: 'An ensemble: asks all arms and weighs their answers by what each has earned.',
  options: { half_life_s: { type: 'number', default: 3600, min: 1e-6, max: 1e9, help: 'Seconds after which what an arm lost counts half.' } },
  make: (options) => hedgePolicy(options.half_life_s * MICROS),
});
