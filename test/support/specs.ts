import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, EMPTY_DESIRED_STATE, modelKey, nameRecord, type AppSpec, type DesiredState, type ModelSpec } from '../../frontend/domain/model.ts';

/** A model version whose output is one value. */
export function makeModel(more: Partial<ModelSpec> = {}): ModelSpec {
  return {
    name: 'm', version: 1, container: { kind: 'builtin', name: 'synthetic' }, options: {}, replicas: 1, output: { kind: 'value' },
    batching: { controller: 'fixed', maxBatch: 8, maxQueueRows: 1000 }, sloMs: 1000, ...more,
  };
}

export function makeApp(more: Partial<AppSpec> = {}): AppSpec {
  return {
    name: 'a', arms: ['m'], policy: 'static', output: 'value', sloMs: 100, sloMinMs: 1, sloMaxMs: 60_000, default: -1, onMiss: 'default',
    priority: 'normal', weight: 1, feedback: DEFAULT_FEEDBACK, journal: DEFAULT_JOURNAL, ...more,
  };
}

export function desiredOf(models: readonly ModelSpec[], apps: readonly AppSpec[] = [], labels: DesiredState['labels'] = {}): DesiredState {
  return {
    ...EMPTY_DESIRED_STATE, revision: 1,
    labels: nameRecord(Object.entries(labels).map(([model, of]) => [model, nameRecord(Object.entries(of))] as const)),
    models: nameRecord(models.map((spec) => [modelKey(spec.name, spec.version), spec] as const)),
    apps: nameRecord(apps.map((spec) => [spec.name, spec] as const)),
  };
}
