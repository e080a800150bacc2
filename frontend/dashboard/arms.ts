import type { LiveState } from './live-state.ts';
import type { ModelFigures } from './snapshot.ts';

/** The version that an arm (`model`, `model@3`, `model@stable`) means now; undefined where there is none, and for apps. */
export function modelOfArm(arm: string, models: ReadonlyMap<string, ModelFigures>): ModelFigures | undefined {
  const [name = '', at] = arm.split('@');
  const versions = [...models.values()].filter(({ model }) => model === name).toSorted((a, b) => b.version - a.version);
  if (at === undefined) return versions.find(({ labels }) => labels.includes('stable')) ?? versions.find(isReady) ?? versions[0];
  return versions.find(({ version, labels }) => String(version) === at || labels.includes(at));
}

/** What each model version is held against, by its key, ms: the tightest objective of the apps that ask it, its own where none does. */
export function objectives({ apps, models }: Pick<LiveState, 'apps' | 'models'>): ReadonlyMap<string, number> {
  const asked = new Map<string, number>();
  for (const { arms, sloMs } of apps.values()) {
    for (const arm of arms) {
      const key = modelOfArm(arm, models)?.key;
      if (key !== undefined) asked.set(key, Math.min(asked.get(key) ?? Number.POSITIVE_INFINITY, sloMs));
    }
  }
  return new Map(Array.from(models.values(), ({ key, sloMs }) => [key, asked.get(key) ?? sloMs]));
}

export function readyReplicas({ replicas }: ModelFigures): number {
  return replicas['ready'] ?? 0;
}

function isReady(model: ModelFigures): boolean {
  return readyReplicas(model) > 0;
}
