import { sample } from '../../../selection-policies/pmf.ts';
import type { Action } from '../../../selection-policies/policy.ts';
import { draw } from '../../../selection-policies/rng.ts';
import type { Directory } from '../../dispatch/directory.ts';
import type { Miss } from '../../dispatch/row-task.ts';
import type { Failure } from '../../domain/answer.ts';
import type { Pin, Query } from '../../domain/query.ts';
import type { App, ResolvedArm } from './app.ts';
import type { ArmTarget } from './arm-target.ts';
import { drawVersion, splitLuck, type Drawn, type Luck } from './split.ts';
import type { Planned } from './planner.ts';

/** Whom to ask, and the probability with which that was chosen. */
export interface Choice {
  readonly target: ArmTarget;
  /** The arm that is asked, the first of them where there are several. */
  readonly arm: string;
  /** Its place in the app's list. */
  readonly at: number;
  /** The place of the action in the plan; `MANY_ARMS` where it asks several, so that it is no arm's. */
  readonly action: number;
  readonly propensity: number;
  readonly pinned: boolean;
  /** Absent where the caller chose. */
  readonly planned?: Planned;
  /** Hash of the query's context key, where it has one. */
  readonly context?: Uint8Array | undefined;
  /** Uniform in [0, 1), where the traffic of some arm is split: by it the arm's version is chosen. */
  readonly luck?: number;
  /** The arm's version had this share of its traffic; absent where it is not split. */
  readonly share?: number;
  /** What is to be asked beside the arm: absent for nearly every query. */
  readonly panel?: Action;
}

/** The action in the receipt of a decision that asked several arms: whose reward it is, only the journal can say. */
const MANY_ARMS = 0xffff;
const NOT_SPLIT: Partial<Drawn> = Object.freeze({});

export type Selection = { readonly choice: Choice } | { readonly miss: Miss } | { readonly failure: Failure };

/**
 * Plan, then draw: the draw is a keyed hash of the decision's own id, so the caller cannot choose it, and the propensity
 * is the number that the draw was held against.
 */
export function select(app: App, query: Query, chance: Luck & { readonly now: number }): Selection {
  if (query.pin !== undefined) throw new TypeError('a pinned query is not selected for: call pinned()');
  const { context } = chance;
  const planned = app.plan(query.context, query.sloMicros, chance.now, context);
  if (planned === undefined) return { miss: { reason: 'no_replica' } };
  const { actions, pmf } = planned.plan;
  const drawn = pmf.length === 1 ? 0 : sample(pmf, draw(chance.key, chance.id));
  const action = actions[drawn];
  const at = placeOf(app.arms, action?.ask[0], drawn);
  const resolved = app.arms[at];
  if (action === undefined || resolved?.target === undefined) return { miss: { reason: 'no_replica' } };
  const { arm } = resolved;
  const propensity = pmf[drawn] ?? 0;
  const many = action.weights !== undefined || action.second !== undefined;
  const choice = { target: resolved.target, arm, at, action: many ? MANY_ARMS : drawn, propensity, pinned: false, planned, context };
  const isAlone = !many && (action.shadow === undefined || action.shadow.length === 0);
  // Nearly always: objects are not put together from others on this road.
  if (isAlone && !app.isSplit) return { choice };
  return { choice: { ...choice, ...(isAlone ? {} : { panel: action }), ...(app.isSplit ? drawVersion(resolved, splitLuck(chance)) : NOT_SPLIT) } };
}

/** Where an arm stands; `first` is where it stands in nearly every plan. */
function placeOf(arms: readonly ResolvedArm[], arm: string | undefined, first: number): number {
  return arms[first]?.arm === arm ? first : arms.findIndex((candidate) => candidate.arm === arm);
}

/** The caller chose: one of the app's models, or a version of one. Nothing is learned from it. */
export function pinned(app: App, pin: Pin, directory: Directory, chance?: Luck): Selection {
  const { arms } = app;
  const action = pin.model === undefined ? 0 : arms.findIndex(({ name }) => name.model === pin.model);
  const arm = arms[action];
  if (arm === undefined) return { failure: { code: 'unknown_model', message: `App "${app.spec.name}" has no arm of model "${pin.model}".`, path: 'model' } };
  const lucky = pin.version === undefined && arm.split !== undefined && chance !== undefined ? drawVersion(arm, splitLuck(chance)) : NOT_SPLIT;
  const queue = pin.version === undefined ? lucky.target ?? arm.queue : directory.resolve({ model: arm.name.model, ...which(pin.version) });
  if (queue === undefined) {
    return { failure: { code: 'unknown_version', message: `Model "${arm.name.model}" has no version or label "${pin.version ?? ''}".`, path: 'version' } };
  }
  if (queue.replicas.length === 0 && app.spec.onMiss !== 'wait') return { miss: { reason: 'no_replica' } };
  return { choice: { target: queue, arm: arm.arm, at: action, action, propensity: 1, pinned: true, ...(lucky.share === undefined ? {} : { share: lucky.share }) } };
}

/** How the choice came about, for a caller that asked: every arm with whom it means now, and what the policy made of them. */
export function explain(app: App, choice: Choice | undefined): Readonly<Record<string, unknown>> {
  return {
    policy: app.policy.name,
    mode: choice === undefined ? 'none' : choice.pinned ? 'pinned' : 'policy',
    arms: app.arms.map(({ arm, queue }) => ({ arm, version: queue?.spec.version ?? null, replicas: queue?.replicas.length ?? 0, queued_rows: queue?.queuedRows ?? 0 })),
    ...(choice === undefined ? {} : { chosen: choice.panel?.ask ?? choice.arm, propensity: choice.propensity, ...(choice.share === undefined ? {} : { share: choice.share }) }),
    ...(choice?.planned === undefined ? {} : { probabilities: choice.planned.plan.pmf, view: choice.planned.viewVersion }),
  };
}

function which(version: number | string): { version: number } | { label: string } {
  return typeof version === 'number' ? { version } : { label: version };
}
