import { sample } from '../../selection-policies/pmf.ts';
import { draw } from '../../selection-policies/rng.ts';
import type { Directory } from '../dispatch/directory.ts';
import type { Miss } from '../dispatch/gather.ts';
import type { ModelQueue } from '../dispatch/model-queue.ts';
import type { Failure } from '../domain/answer.ts';
import type { Pin, Query } from '../domain/query.ts';
import type { App } from './app.ts';

/** Whom to ask, and the probability with which that was chosen. */
export interface Choice {
  readonly queue: ModelQueue;
  readonly arm: string;
  readonly action: number;
  readonly propensity: number;
  readonly pinned: boolean;
}

export type Selection = { readonly choice: Choice } | { readonly miss: Miss } | { readonly failure: Failure };

/**
 * Plan, then draw: the draw is a keyed hash of the decision's own id, so the caller cannot choose it, and the propensity
 * is the number that the draw was held against.
 */
export function select(app: App, query: Query, chance: { key: Uint32Array; id: Uint8Array; now: number }): Selection {
  if (query.pin !== undefined) throw new TypeError('a pinned query is not selected for: call pinned()');
  const plan = app.plan(query.context, chance.now);
  if (plan === undefined) return { miss: { reason: 'no_replica' } };
  const action = plan.pmf.length === 1 ? 0 : sample(plan.pmf, draw(chance.key, chance.id));
  const asked = plan.actions[action]?.ask[0];
  const arm = app.arms.find((candidate) => candidate.arm === asked);
  if (arm?.queue === undefined) return { miss: { reason: 'no_replica' } };
  return { choice: { queue: arm.queue, arm: arm.arm, action, propensity: plan.pmf[action] ?? 0, pinned: false } };
}

/** The caller chose: one of the app's models, or a version of one. Nothing is learned from it. */
export function pinned(app: App, pin: Pin, directory: Directory): Selection {
  const { arms } = app;
  const action = pin.model === undefined ? 0 : arms.findIndex(({ name }) => name.model === pin.model);
  const arm = arms[action];
  if (arm === undefined) return { failure: { code: 'unknown_model', message: `App "${app.spec.name}" has no arm of model "${pin.model}".`, path: 'model' } };
  const queue = pin.version === undefined ? arm.queue : directory.resolve({ model: arm.name.model, ...which(pin.version) });
  if (queue === undefined) {
    return { failure: { code: 'unknown_version', message: `Model "${arm.name.model}" has no version or label "${pin.version ?? ''}".`, path: 'version' } };
  }
  if (queue.replicas.length === 0 && app.spec.onMiss !== 'wait') return { miss: { reason: 'no_replica' } };
  return { choice: { queue, arm: arm.arm, action, propensity: 1, pinned: true } };
}

/** How the choice came about, for a caller that asked: every arm with whom it means now, and what the policy made of them. */
export function explain(app: App, choice: Choice | undefined): Readonly<Record<string, unknown>> {
  return {
    policy: app.policy.name,
    mode: choice === undefined ? 'none' : choice.pinned ? 'pinned' : 'policy',
    arms: app.arms.map(({ arm, queue }) => ({ arm, version: queue?.spec.version ?? null, replicas: queue?.replicas.length ?? 0, queued_rows: queue?.queuedRows ?? 0 })),
    ...(choice === undefined ? {} : { chosen: choice.arm, propensity: choice.propensity }),
  };
}

function which(version: number | string): { version: number } | { label: string } {
  return typeof version === 'number' ? { version } : { label: version };
}
