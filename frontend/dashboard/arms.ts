import type { ModelFigures } from './snapshot.ts';

/** The version that an arm (`model`, `model@3`, `model@stable`) means now; undefined where there is none, and for apps. */
export function modelOfArm(arm: string, models: ReadonlyMap<string, ModelFigures>): ModelFigures | undefined {
  const [name = '', at] = arm.split('@');
  const versions = [...models.values()].filter(({ model }) => model === name).toSorted((a, b) => b.version - a.version);
  if (at === undefined) return versions.find(({ labels }) => labels.includes('stable')) ?? versions.find(isReady) ?? versions[0];
  return versions.find(({ version, labels }) => String(version) === at || labels.includes(at));
}

export function readyReplicas({ replicas }: ModelFigures): number {
  return replicas['ready'] ?? 0;
}

function isReady(model: ModelFigures): boolean {
  return readyReplicas(model) > 0;
}
