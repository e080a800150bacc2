import type { Context } from '../../selection-policies/policy.ts';
import { isMiss, type GatheredRow } from '../dispatch/gather.ts';
import type { Micros } from '../domain/clock.ts';
import { DEFAULT_FEEDBACK } from '../domain/model.ts';
import type { App } from './selection/app.ts';
import { isOfTheArm } from './feedback/arm-miss.ts';
import { withStamp } from './feedback/reward.ts';
import type { OwnReward } from './feedback/feedback.ts';
import type { Choice } from './selection/select.ts';

/** An arm that was asked by itself, and what came of it. */
export interface Asked {
  readonly app: App;
  readonly choice: Choice;
  readonly rows: readonly (GatheredRow | undefined)[];
  readonly id: () => Uint8Array;
  readonly atEpochMs: number;
  readonly now: Micros;
  /** What the caller said of the query. */
  readonly said: Context;
}

/**
 * A miss teaches (design, decided 12): the arm is charged for it, or left alone for a while, as the app says. Not where it
 * is the only one, and not where the caller chose it. By row, as all rewards are: of two arms whose answers are equally good, the one
 * that misses half of its rows is then worth half, however they came.
 */
export function teachMisses({ app, choice, rows, id, atEpochMs, now, said }: Asked, give: (own: OwnReward) => unknown): void {
  const { arms, feedback: { missReward } = DEFAULT_FEEDBACK, name } = app.spec;
  if (missReward === 'ignore' || choice.pinned || arms.length < 2) return;
  rows.forEach((settled, row) => {
    if (settled === undefined || !isMiss(settled) || !isOfTheArm(settled.reason)) return;
    if (missReward === 'mask') app.mask.penalise(choice.at, now);
    else if (!app.frozen) {
      give({ app: name, id: Uint8Array.from(id()), atEpochMs, row, propensity: choice.propensity, arms: [withStamp({ arm: choice.arm, ...stampOf(choice) }, 0)], cause: 'miss', ...(choice.context === undefined ? {} : { context: choice.context }), ...(app.policy.contextual && said !== undefined ? { said } : {}) });
    }
  });
}

function stampOf({ planned, at }: Choice): { stamp?: number } {
  const stamp = planned?.stamps[at];
  return stamp === undefined ? {} : { stamp };
}
