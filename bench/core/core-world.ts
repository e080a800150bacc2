import { Directory } from '../../frontend/dispatch/directory.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue, type BatchRule } from '../../frontend/dispatch/model-queue.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import type { Meter } from '../../frontend/domain/meter.ts';
import { EMPTY_DESIRED_STATE, nameRecord, type AppSpec, type ModelSpec } from '../../frontend/domain/model.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { AppTable } from '../../frontend/serving/selection/app-table.ts';
import type { SimulatedClock } from '../simulator/simulated-clock.ts';
import { CoreReplica } from './core-replica.ts';

/** Counts nothing: metrics are no part of the core path. */
const NO_METER: Meter = { cell: () => 0, add: () => undefined, set: () => undefined, observe: () => undefined, forget: () => undefined };

export const MODEL: ModelSpec = {
  name: 'm', version: 1, container: { kind: 'builtin', name: 'synthetic' }, options: {}, replicas: 1, output: { kind: 'value' },
  batching: { controller: 'aimd', maxBatch: 128, maxQueueRows: 8192 }, sloMs: 20,
};
/** One app each: mixed objectives in one queue, so that its order is by deadline and not by arrival. */
export const SLOS_MS: readonly number[] = [5, 10, 20, 20, 50, 50, 100, 200];
const REPLICAS = 4;
/** A model so fast that the broker is what limits: four replicas do 3.1 million rows a second in batches of 128. */
const law = (rows: number): Micros => Math.round(100 + 0.5 * rows);

/** Rows a second that the replicas can do in batches as large as they may be. */
export const CAPACITY_PER_SECOND = (REPLICAS * MODEL.batching.maxBatch * 1e6) / law(MODEL.batching.maxBatch);

/** Production apps over a directory with the queue of one model version, and simulated replicas behind it. */
export function openCoreApps(clock: SimulatedClock, rule: BatchRule): AppTable {
  const meter = NO_METER;
  const directory = new Directory((key, spec) => new ModelQueue({
    key, spec, clock, batcher: rule, meters: new ModelMeters(meter, spec.name, spec.version),
    onHung: (link, why) => { throw new Error(`${link.id} was called hung: ${why}`); },
  }));
  const apps = new AppTable({ directory, slabs: new SlabArena(), meter });
  const specs = SLOS_MS.map(appSpec);
  const desired = {
    ...EMPTY_DESIRED_STATE, models: nameRecord([['m@1' as const, MODEL]]), apps: nameRecord(specs.map((spec) => [spec.name, spec] as const)),
  };
  directory.apply(desired);
  apps.apply(desired);
  for (let i = 0; i < REPLICAS; i++) directory.ready('m@1', new CoreReplica(`r${i}`, { clock, law, maxBatch: MODEL.batching.maxBatch }));
  return apps;
}

function appSpec(sloMs: number, i: number): AppSpec {
  return {
    name: `app-${i}`, arms: ['m'], policy: 'static', output: 'value', sloMs, sloMinMs: 1, sloMaxMs: 60_000, default: -1, onMiss: 'default', priority: 'normal', weight: 1,
  };
}
