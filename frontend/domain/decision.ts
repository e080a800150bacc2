import type { ErrorCode } from './errors.ts';

/** An output as labels can be held against it: a label, or a number; null where there is neither. */
export type LabelledOutput = string | number | null;

/** What became of one arm that was asked. */
export interface ArmResult {
  readonly arm: string;
  /** 0 of an app that asked several arms. */
  readonly version: number;
  /** The probability with which the version was drawn, where the traffic of its model is split; the decision's propensity is the arm's. */
  readonly share?: number;
  /** Of an arm that is an app: the receipt of the decision that it took for this one. */
  readonly decisionId?: string;
  /** `Policy.stamp` of the view that the decision was made by. */
  readonly stamp?: number;
  /** One a row; empty where the arm gave nothing in time. */
  readonly outputs: readonly LabelledOutput[];
  /** Why it gave nothing. */
  readonly missed?: ErrorCode;
}

/** One of each a row. */
export interface JointOutputs {
  readonly outputs: readonly LabelledOutput[];
  /** How much the arms agreed, not calibrated; in [0, 1]. */
  readonly confidences: readonly number[];
}

/** Who chose: the policy, or the caller; `default` where no arm's answer was given. */
export type DecisionMode = 'policy' | 'pinned' | 'default';

/** The immutable record of one query's selection. Plain data. */
export interface Decision {
  /** 12 bytes: 6 of the broker's start, 6 counted (little-endian). */
  readonly id: Uint8Array;
  readonly app: string;
  /** 8 bytes that change with the app's definition. */
  readonly revision: Uint8Array;
  readonly policy: string;
  /** Version of the cells that the policy's view was made of. */
  readonly viewVersion: number;
  /** 8 bytes: keyed hash of the context; absent where there was none. */
  readonly contextHash?: Uint8Array;
  /** The context itself, only where the policy reads it: its rewards must be joined to it. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Arms that might be asked. */
  readonly arms: readonly string[];
  readonly pmf: readonly number[];
  /** Index into the plan's actions. */
  readonly action: number;
  readonly propensity: number;
  readonly mode: DecisionMode;
  readonly atEpochMs: number;
  readonly sloMs: number;
  readonly rows: number;
  /** Arms of the action, in its order, with what came of each. */
  readonly asked: readonly ArmResult[];
  /** Of an ensemble: what its arms came to together. */
  readonly joint?: JointOutputs;
  /** The id of the decision for which this one was taken, the app being an arm of another. */
  readonly parent?: Uint8Array;
  /** Rows that were given the default, where others were given an arm's answer. */
  readonly defaults?: readonly number[];
}

/** Where a decision lies in the store: its id, and when it was taken. */
export interface DecisionKey {
  readonly id: Uint8Array;
  readonly atEpochMs: number;
}
