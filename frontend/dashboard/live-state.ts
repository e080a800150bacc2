import type { AppFigures, BrokerFigures, ModelFigures, Snapshot, Tick, Trouble } from './snapshot.ts';

/** Everything that a view draws from. */
export interface LiveState {
  readonly at: number;
  readonly broker: BrokerFigures;
  /** By name, in order. */
  readonly apps: ReadonlyMap<string, AppFigures>;
  /** By key, in order. */
  readonly models: ReadonlyMap<string, ModelFigures>;
  readonly troubles: readonly Trouble[];
}

/** The first event of a stream. */
export function begin({ at, broker, apps, models, troubles }: Snapshot): LiveState {
  return { at, broker, apps: sorted(apps.map((app) => [app.name, app])), models: sorted(models.map((model) => [model.key, model])), troubles };
}

/** A further event; what it does not say stands as it did. */
export function advance(state: LiveState, { at, broker, apps, models, troubles, gone }: Tick): LiveState {
  return {
    at, broker, troubles: troubles ?? state.troubles,
    apps: merged(state.apps, apps.map((app) => [app.name, app]), gone.apps),
    models: merged(state.models, models.map((model) => [model.key, model]), gone.models),
  };
}

function merged<T>(before: ReadonlyMap<string, T>, changed: readonly (readonly [string, T])[], gone: readonly string[]): ReadonlyMap<string, T> {
  if (changed.length === 0 && gone.length === 0) return before;
  const all = new Map([...before, ...changed]);
  for (const name of gone) all.delete(name);
  return changed.some(([name]) => !before.has(name)) ? sorted([...all]) : all;
}

function sorted<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries.toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
}
