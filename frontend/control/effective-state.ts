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
  const wanted = byName(desired);
  const had = byName(running);
  for (const [model, specs] of wanted) {
    if (desired.rules?.[model]?.transition === 'resource' || hasArrived(specs, desired.labels[model], isReady)) continue;
    for (const spec of had.get(model) ?? []) {
      const key = modelKey(model, spec.version);
      if (desired.models[key] === undefined) models.set(key, spec);
    }
    const kept = heldLabels(model, running, { models, wanted: desired.labels[model] ?? {}, isReady });
    if (Object.keys(kept).length > 0) labels.set(model, kept);
  }
  return { ...desired, models: nameRecord(models), labels: nameRecord(labels) };
}

function byName(state: DesiredState): ReadonlyMap<string, readonly ModelSpec[]> {
  const groups = new Map<string, ModelSpec[]>();
  for (const spec of Object.values(state.models)) {
    const group = groups.get(spec.name);
    if (group === undefined) groups.set(spec.name, [spec]);
    else group.push(spec);
  }
  return groups;
}

/** What is wanted with no replicas is nothing to wait for. */
function hasArrived(specs: readonly ModelSpec[], labels: Readonly<Record<string, number>> | undefined, isReady: (key: ModelKey) => boolean): boolean {
  const awaited = specs.filter((spec) => spec.replicas > 0);
  const labelled = new Set(Object.values(labels ?? {}));
  if (awaited.some(({ name, version }) => labelled.has(version) && !isReady(modelKey(name, version)))) return false;
  return awaited.length === 0 || awaited.some(({ name, version }) => isReady(modelKey(name, version)));
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
