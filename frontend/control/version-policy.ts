import { readArm } from '../domain/arm.ts';
import { modelKey, nameRecord } from '../domain/model.ts';
import type { DesiredState, ModelKey, ModelSpec } from '../domain/model.ts';

type Wanted = Pick<DesiredState, 'models' | 'labels' | 'apps' | 'rules'>;

/**
 * The versions that are to run: of each model those that its policy chooses, those that a label points at, and those that
 * an app names. The rest are known, and can be labelled once the policy lets them run.
 */
export function chosenVersions(wanted: Wanted): ReadonlySet<ModelKey> {
  const chosen = new Set<ModelKey>(namedVersions(wanted));
  for (const [model, versions] of byModel(wanted)) {
    for (const version of versions.filter(chooser(versions, wanted.rules?.[model]?.versions))) chosen.add(modelKey(model, version));
  }
  return chosen;
}

/** The state with only the versions that are to run. */
export function withChosen<S extends Wanted>(wanted: S, chosen: ReadonlySet<ModelKey>): S {
  const models = (Object.entries(wanted.models) as [ModelKey, ModelSpec][]).filter(([key]) => chosen.has(key));
  return models.length === Object.keys(wanted.models).length ? wanted : { ...wanted, models: nameRecord(models) };
}

/** Each model's versions, newest first. */
export function byModel({ models }: Pick<Wanted, 'models'>): ReadonlyMap<string, readonly number[]> {
  const versions = new Map<string, number[]>();
  for (const spec of Object.values(models)) versions.set(spec.name, [...versions.get(spec.name) ?? [], spec.version]);
  for (const of of versions.values()) of.sort((a, b) => b - a);
  return versions;
}

function chooser(newestFirst: readonly number[], policy: NonNullable<Wanted['rules']>[string]['versions'] = 'all'): (version: number) => boolean {
  if (policy === 'all') return () => true;
  if ('specific' in policy) return (version) => policy.specific.includes(version);
  const newest = newestFirst.slice(0, policy.latest);
  return (version) => newest.includes(version);
}

/** The versions that a label points at, or an app names. */
export function namedVersions({ models, labels, apps }: Wanted): readonly ModelKey[] {
  const labelled = Object.entries(labels).flatMap(([model, of]) => Object.values(of).map((version) => modelKey(model, version)));
  const pinned = Object.values(apps).flatMap(({ arms }) => arms.flatMap((arm) => {
    const { model, version } = readArm(arm);
    return version === undefined ? [] : [modelKey(model, version)];
  }));
  return [...labelled, ...pinned].filter((key) => models[key] !== undefined);
}
