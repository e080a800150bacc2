import { count, fixed, real } from './cells.ts';
import { addTo, noEvidence, type Evidence } from './evidence.ts';
import type { Arm, Cells, Increment, RewardEvent } from './policy.ts';

/**
 * Successes and failures per arm and stretch of time. Cells: `ARM/tL/K/n` and `ARM/tL/K/s`, the weight and the weighted sum
 * of the rewards of decisions made in stretch K = ⌊time / L⌋, L the microseconds of a stretch. Adds only; a function of the
 * event's time, so late feedback falls where it belongs. The L tells them from those of another half-life, the `t` from the
 * epochs of `epoch-cells.ts`: an app may try one policy after another, and go back.
 */
export interface Stretches {
  readonly stretchMicros: number;
  /** How many stretches before that of now are still read. */
  readonly kept: number;
  /** What a reward counts that came at this part, in [0, 1), of its stretch. */
  readonly weight: (part: number) => number;
  /** What a stretch is worth whose beginning is so many stretches ago. */
  readonly worth: (age: number) => number;
}

/** More stretches than any policy reads. */
const MOST_KEPT = 64;
/** Half-lives in a stretch of evidence that fades: weights within one go from 1 to 2^16. */
const HALVINGS = 16;

/**
 * Evidence that loses half of its weight every half-life, by forward decay (Cormode et al., ICDE 2009): a reward at time t
 * is added with the weight 2^((t - L) / half-life), L the beginning of its stretch of 16 half-lives, and the whole is scaled
 * down when it is read. What is more than two stretches old, less than 2^-32 of its weight, is not read.
 */
export function fadingStretches(halfLifeMicros: number): Stretches {
  return {
    stretchMicros: HALVINGS * halfLifeMicros,
    kept: 2,
    weight: (part) => 2 ** (HALVINGS * part),
    worth: (age) => 2 ** (-HALVINGS * age),
  };
}

/** Where the cells of an arm and stretch lie. */
export function stretchAt(arm: Arm, stretchMicros: number, stretch: number): string {
  return `${arm}/t${stretchMicros}/${stretch}`;
}

export function addToStretch(event: RewardEvent, { stretchMicros, weight }: Stretches): Increment[] {
  const stretch = Math.floor(event.atMicros / stretchMicros);
  const weighed = weight(event.atMicros / stretchMicros - stretch);
  return event.rewards.flatMap(({ arm, reward }) => [
    { cell: `${stretchAt(arm, stretchMicros, stretch)}/n`, add: fixed(weighed) }, { cell: `${stretchAt(arm, stretchMicros, stretch)}/s`, add: fixed(weighed * reward) },
  ]);
}

export function readStretches(cells: Cells, nowMicros: number, arms: readonly Arm[], stretches: Stretches): Evidence {
  const evidence = noEvidence(arms.length);
  const now = nowMicros / stretches.stretchMicros;
  const newest = Math.floor(now);
  for (const [i, arm] of arms.entries()) {
    // One stretch ahead too: another broker's clock may have begun it already.
    for (let stretch = newest - stretches.kept; stretch <= newest + 1; stretch++) {
      const at = stretchAt(arm, stretches.stretchMicros, stretch);
      if (count(cells, `${at}/n`) === 0) continue;
      const worth = stretches.worth(now - stretch);
      addTo(evidence, i, worth * Math.max(0, real(cells, `${at}/n`)), worth * real(cells, `${at}/s`));
    }
  }
  return evidence;
}

/** Those of other lengths too, once whoever wrote them would not read them either. */
export function expiredStretches(cells: Cells, nowMicros: number, { stretchMicros, kept }: Stretches): string[] {
  return [...cells.keys()].filter((cell) => {
    const [, micros, stretch] = /^[^/]*\/t([^/]+)\/(-?[0-9]+)\//u.exec(cell) ?? [];
    // A cell of anything else has no number there.
    const length = Number(micros);
    return Number(stretch) < Math.floor(nowMicros / length) - (length === stretchMicros ? kept : MOST_KEPT);
  });
}
