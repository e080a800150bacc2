import { begin, type LiveState } from '../../frontend/dashboard/live-state.ts';
import type { AppFigures, BrokerFigures, ModelFigures } from '../../frontend/dashboard/snapshot.ts';

const BROKER: BrokerFigures = { version: '1.2.3', startedAt: 0, cpu: 0.1, loopBusy: 0.1, stolen: 0, clockMovedMs: 0, memoryBytes: 1e8, openQueries: 0, openFeedback: 0 };

/** An app of which everything is well, except for what is said. */
export function appFigures(name: string, more: Partial<AppFigures> = {}): AppFigures {
  return {
    name, sloMs: 20, policy: 'static', arms: ['digits-svm'], steered: [], answersPerSecond: 100, goodPerSecond: 100, p50Ms: 1, p99Ms: 5, misses: [], chosen: [],
    fiveMinutes: { answers: 30_000, good: 30_000 }, hour: { answers: 360_000, good: 360_000 }, ...more,
  };
}

/** A model version of which everything is well, except for what is said. */
export function modelFigures(key: string, more: Partial<ModelFigures> = {}): ModelFigures {
  const [model = '', version] = key.split('@');
  return {
    key, model, version: Number(version), labels: [], sloMs: 20, desired: 1, replicas: { ready: 1 }, queueRows: 0, rowsPerSecond: 100, batchesPerSecond: 20, plannedRows: 16,
    serviceP50Ms: 1, serviceP99Ms: 4, waitP99Ms: 1, shed: [], deaths: 0, ...more,
  };
}

export function liveState(apps: readonly AppFigures[], models: readonly ModelFigures[], broker: Partial<BrokerFigures> = {}): LiveState {
  return begin({ at: 1_000, broker: { ...BROKER, ...broker }, apps, models, troubles: [] });
}
