import { modelKey, type DesiredState, type ModelKey } from '../domain/model.ts';
import { isStuck, type VersionLife } from './version-life.ts';
import { byModel } from './version-policy.ts';

/**
 * Where the versions that a model's policy chooses fail, or do not fit, one of its others answers in the meantime: one that is there already,
 * else the newest. None for a model that has a chosen version which may still come.
 */
export function fallbackVersions(desired: Pick<DesiredState, 'models'>, chosen: ReadonlySet<ModelKey>, lives: ReadonlyMap<ModelKey, VersionLife>): readonly ModelKey[] {
  const kindOf = (key: ModelKey): VersionLife['state']['kind'] | undefined => lives.get(key)?.state.kind;
  return [...byModel(desired)].flatMap(([model, versions]) => {
    const keys = versions.map((version) => modelKey(model, version));
    const own = keys.filter((key) => chosen.has(key));
    if (own.length === 0 || !own.every((key) => isStuck(lives.get(key)))) return [];
    const others = keys.filter((key) => !chosen.has(key) && (desired.models[key]?.replicas ?? 0) > 0);
    const there = [['ready'], ['recovering', 'loading', 'waiting', 'leaving']].map((kinds) => others.find((key) => kinds.includes(kindOf(key) ?? '')));
    const pick = there.find((key) => key !== undefined) ?? others.find((key) => kindOf(key) === undefined);
    return pick === undefined ? [] : [pick];
  });
}
