import type { DesiredState, ModelKey, ModelSpec } from '../domain/model.ts';
import { modelKey, nameRecord } from '../domain/model.ts';

/**
 * What the broker is to run now, on the way from `running` to `desired`: never a step that leaves a model without a ready
 * version while an old one could still answer (availability-preserving, as TensorFlow Serving's default policy).
 *
 * A model has arrived when one of its desired versions is ready, and each version that a desired label points at. Until
 * then its old versions stay beside the new ones, and its labels stay where they were as far as they can. A model that is
 * no longer desired at all goes at once, and so do the old versions of one whose transition is `resource`. Pure and idempotent:
 * to be asked again whenever a replica comes or goes.
 */
export function effectiveState(running: DesiredState, desired: DesiredState, isReady: (key: ModelKey) => boolean): DesiredState {
  const models = new Map(Object.entries(desired.models) as [ModelKey, ModelSpec][]);
  const labels = new Map(Object.entries(desired.labels));
  for (const model of namesOf(desired)) {
    if (desired.rules?.[model]?.transition === 'resource' || hasArrived(model, desired, isReady)) continue;
    const old = (Object.entries(running.models) as [ModelKey, ModelSpec][]).filter(([key, spec]) => spec.name === model && desired.models[key] === undefined);
    for (const [key, spec] of old) models.set(key, spec);
    const kept = heldLabels(model, running, { models, wanted: desired.labels[model] ?? {}, isReady });
    if (Object.keys(kept).length > 0) labels.set(model, kept);
  }
  return { ...desired, models: nameRecord(models), labels: nameRecord(labels) };
}

function namesOf(state: DesiredState): Set<string> {
  return new Set(Object.values(state.models).map((spec) => spec.name));
}

/** What is wanted with no replicas is nothing to wait for. */
function hasArrived(model: string, desired: DesiredState, isReady: (key: ModelKey) => boolean): boolean {
  const awaited = Object.values(desired.models).filter((spec) => spec.name === model && spec.replicas > 0);
  const labelled = new Set(Object.values(desired.labels[model] ?? {}));
  if (awaited.some(({ version }) => labelled.has(version) && !isReady(modelKey(model, version)))) return false;
  return awaited.length === 0 || awaited.some(({ version }) => isReady(modelKey(model, version)));
}

/** The wanted labels, each left where it was while its new target is not ready and its old one is still there. */
function heldLabels(
  model: string,
  running: DesiredState,
  next: { models: ReadonlyMap<ModelKey, ModelSpec>; wanted: Readonly<Record<string, number>>; isReady: (key: ModelKey) => boolean },
): Readonly<Record<string, number>> {
  const labels = new Map<string, number>();
  for (const [label, version] of Object.entries(next.wanted)) {
    const before = running.labels[model]?.[label];
    const stay = before !== undefined && !next.isReady(modelKey(model, version)) && next.models.has(modelKey(model, before));
    labels.set(label, stay ? before : version);
  }
  return nameRecord(labels);
}
