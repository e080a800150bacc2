import { isMiss, type Gather } from '../dispatch/gather.ts';
import type { ArmResult, Decision, DecisionMode, JointOutputs } from '../domain/decision.ts';
import type { DecisionJournal, JournalVerdict } from '../domain/journal.ts';
import type { Query } from '../domain/query.ts';
import type { App } from './selection/app.ts';
import { labelledOutputs } from './ensemble/labelled-output.ts';
import type { Member } from './ensemble/panel.ts';
import { answererOf } from './selection/arm-target.ts';
import type { Choice } from './selection/select.ts';

const NO_ARMS: readonly string[] = Object.freeze([]);
const NO_PMF: readonly number[] = Object.freeze([]);

/** What there is to record of one query. */
export interface Decided {
  readonly app: App;
  readonly query: Query;
  /** 12 bytes, which nobody changes any more. */
  readonly id: Uint8Array;
  readonly choice: Choice | undefined;
  readonly mode: DecisionMode;
  readonly atEpochMs: number;
  /** 8 bytes, the same. */
  readonly contextHash?: Uint8Array;
  readonly asked: readonly ArmResult[];
  readonly joint?: JointOutputs;
  /** The id of the decision for which it was taken. */
  readonly parent?: Uint8Array;
  /** Rows that were given the default, where others were not. */
  readonly defaults?: readonly number[];
}

/** Whether the app keeps its decisions: what must be recorded is put together only then. */
export function keepsDecisions({ spec, policy }: App): boolean {
  return spec.journal?.keep === true || policy.contextual;
}

/** Whether a query of the app that could not be recorded must not be answered: it would teach nothing, or be swept as silent. */
export function needsDecisions({ spec, policy }: App): boolean {
  return spec.journal?.required === true || policy.contextual;
}

/** Puts the record of a decision into the journal. Costs less than a microsecond: all that is large in it is shared. */
export function recordDecision(journal: DecisionJournal, { app, query, choice, ...of }: Decided): JournalVerdict {
  const planned = choice?.planned;
  const decision: Decision = {
    id: of.id, app: app.spec.name, revision: app.fingerprint, policy: app.policy.name, viewVersion: planned?.viewVersion ?? 0,
    arms: planned?.open ?? NO_ARMS, pmf: planned?.plan.pmf ?? NO_PMF, action: choice?.action ?? 0, propensity: choice?.propensity ?? 0,
    mode: of.mode, atEpochMs: of.atEpochMs, sloMs: query.sloMicros / 1000, rows: query.rows, asked: of.asked,
    ...(of.contextHash === undefined ? undefined : { contextHash: of.contextHash }),
    ...(app.policy.contextual && query.context !== undefined ? { context: query.context } : undefined),
    ...(of.joint === undefined ? undefined : { joint: of.joint }), ...(of.parent === undefined ? undefined : { parent: of.parent }),
    ...(of.defaults === undefined ? undefined : { defaults: of.defaults }),
  };
  return journal.record(decision);
}

/** What became of an arm that was asked, as its rewards need it. */
export function armResult({ arm, at, target, share }: Pick<Member, 'arm' | 'at' | 'target' | 'share'>, gather: Gather, choice: Choice): ArmResult {
  const outputs = labelledOutputs(gather.rows, target.spec.output.classNames);
  const stamp = choice.planned?.stamps[at];
  const missed = outputs.length > 0 ? undefined : gather.rows.find((row) => row !== undefined && isMiss(row));
  return {
    arm, version: answererOf(target, gather).version ?? 0, outputs, ...(share === undefined ? undefined : { share }), ...(gather.inner === undefined ? undefined : { decisionId: gather.inner.decisionId }),
    ...(stamp === undefined ? undefined : { stamp }), ...(missed === undefined || !isMiss(missed) ? undefined : { missed: missed.reason }),
  };
}
