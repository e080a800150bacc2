import type { ArmResult, Decision, LabelledOutput } from '../../domain/decision.ts';
import type { FeedbackItem } from '../../domain/feedback.ts';
import type { FeedbackSpec } from '../../domain/model.ts';

/** Rewards are counted in units of 2^-20, as cells are: sums of integers come out the same in any order. */
export const REWARD_UNITS = 2 ** 20;

/** What a caller said of a decision, as a number of units from 0 to `REWARD_UNITS`, or as a label; or what is wrong with it. */
export type Said =
  | { readonly kind: 'units'; readonly units: number }
  | { readonly kind: 'label'; readonly label: string | number }
  | { readonly kind: 'wrong'; readonly message: string; readonly path: string };

export function readSaid(item: FeedbackItem, spec: FeedbackSpec): Said {
  if (item.reward !== undefined) {
    const units = toUnits(item.reward, 0, 1);
    return units === undefined ? wrong('reward', 'Expected a number from 0 to 1.') : { kind: 'units', units };
  }
  if (item.value !== undefined) {
    if (spec.value === undefined) return wrong('value', 'The app says no range of values: feedback.value_min and value_max.');
    const { min, max, direction } = spec.value;
    const units = toUnits(item.value, min, max);
    if (units === undefined) return wrong('value', `Expected a number from ${min} to ${max}.`);
    return { kind: 'units', units: direction === 'higher' ? units : REWARD_UNITS - units };
  }
  const { label } = item;
  if (typeof label === 'string' ? label.length <= 256 : Number.isFinite(label)) return { kind: 'label', label: label as string | number };
  return wrong('label', 'Expected a number, or text of at most 256 characters.');
}

/** The number as a share of its range, in units. */
function toUnits(value: unknown, min: number, max: number): number | undefined {
  if (typeof value !== 'number' || !(value >= min && value <= max)) return undefined;
  // JSON has a -0, which is no number of units.
  return Math.round(((value - min) / (max - min)) * REWARD_UNITS) + 0;
}

function wrong(path: string, message: string): Said {
  return { kind: 'wrong', path, message };
}

/** What no value at all is worth, in units: sums begin there. */
export function zeroUnits(spec: FeedbackSpec): number {
  if (spec.value === undefined) return 0;
  const { min, max, direction } = spec.value;
  const units = Math.round(((0 - min) / (max - min)) * REWARD_UNITS);
  return direction === 'higher' ? units : REWARD_UNITS - units;
}

/** What an arm earned by a reward, in units of 2^-20; `stamp` says of which epoch of its cells. */
export interface ArmUnits {
  readonly arm: string;
  readonly units: number;
  readonly stamp?: number;
  /** Of the state of the decision's context key. */
  readonly keyStamp?: number;
}

/** In the place of an arm: the answer of all arms of an ensemble together, whose rewards calibrate its confidence. */
export const TOGETHER = '';

/**
 * What a label is worth to each arm that answered `row`: 1 for a match; for values, 1 less the error over `labelScale`.
 * Of an ensemble also to the answer. Its arms that were late are not charged: a vote's weight is of use only where the
 * vote is there, and what a slow minute took from it would be wrong votes in the next one.
 */
export function unitsOfLabel(label: string | number, { asked, joint }: Decision, { row, labelScale }: { row: number; labelScale: number | undefined }): readonly ArmUnits[] {
  const units = asked.flatMap((result) => {
    const worth = unitsOf(result.outputs[row], label, labelScale);
    return worth === undefined ? [] : [withStamp(result, worth)];
  });
  const together = unitsOf(joint?.outputs[row], label, labelScale);
  return together === undefined ? units : [...units, { arm: TOGETHER, units: together }];
}

function unitsOf(output: LabelledOutput | undefined, label: string | number, labelScale: number | undefined): number | undefined {
  if (output === undefined || output === null) return undefined;
  const share = labelScale === undefined ? Number(String(output) === String(label)) : Math.max(0, 1 - Math.abs(Number(output) - Number(label)) / labelScale);
  return Number.isNaN(share) ? undefined : Math.round(share * REWARD_UNITS);
}

export function withStamp({ arm, stamp }: Pick<ArmResult, 'arm' | 'stamp'>, units: number): ArmUnits {
  return stamp === undefined ? { arm, units } : { arm, units, stamp };
}
