import { Batcher } from '../../frontend/batching/batcher.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { PredictionCache } from '../../frontend/cache/prediction-cache.ts';
import { rowHasher } from '../../frontend/cache/row-key.ts';
import { Directory } from '../../frontend/dispatch/directory.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue } from '../../frontend/dispatch/model-queue.ts';
import type { TwinRow } from '../../frontend/dispatch/twin.ts';
import type { CellsView } from '../../frontend/domain/cells.ts';
import type { Decision } from '../../frontend/domain/decision.ts';
import type { Answer } from '../../frontend/domain/answer.ts';
import { EMPTY_DESIRED_STATE, modelKey, type AppSpec, type DesiredState, type ModelKey, type ModelSpec } from '../../frontend/domain/model.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { AppTable, type AppTableParts } from '../../frontend/serving/selection/app-table.ts';
import type { OwnReward } from '../../frontend/serving/feedback/feedback.ts';
import { Predict } from '../../frontend/serving/predict.ts';
import { DecisionIds, DerivedKeys, Receipts } from '../../frontend/serving/decisions/receipt.ts';
import { FakeReplica } from './fake-replica.ts';
import { RecordingMeter } from './recording-meter.ts';
import { desiredOf } from './specs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The whole road between a door and the replicas, on virtual time, with replicas that do what the test says. */
export class Road {
  readonly clock = new VirtualClock(1_000_000);
  readonly slabs = new SlabArena({ poison: true });
  readonly meter = new RecordingMeter();
  readonly cache = new PredictionCache<TwinRow>({ maxBytes: 1024 * 1024, slabs: this.slabs, seed: [1, 2] });
  readonly answers: Answer[] = [];
  readonly decisions: Decision[] = [];
  readonly taught: OwnReward[] = [];
  readonly hung: string[] = [];
  readonly receipts = new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]);
  readonly directory: Directory;
  readonly apps: AppTable;
  readonly predict: Predict;
  #desired = EMPTY_DESIRED_STATE;

  constructor(models: readonly ModelSpec[], apps: readonly AppSpec[], more: { labels?: DesiredState['labels']; maxOpen?: number; cells?: CellsView; policies?: AppTableParts['policies'] } = {}) {
    this.directory = new Directory((key, spec) => this.#open(key, spec));
    this.apps = new AppTable({ directory: this.directory, slabs: this.slabs, meter: this.meter, ...(more.cells === undefined ? {} : { cells: more.cells }), ...(more.policies === undefined ? {} : { policies: more.policies }) });
    this.apply(desiredOf(models, apps, more.labels));
    this.predict = new Predict({
      apps: this.apps, directory: this.directory, clock: this.clock, slabs: this.slabs, receipts: this.receipts,
      ids: new DecisionIds(Buffer.alloc(6, 1)), keys: new DerivedKeys(Buffer.alloc(32, 1)), epochOffsetMicros: 0,
      journal: { refusal: () => undefined, record: (decision) => this.#record(decision) }, teach: (own) => this.taught.push(own),
      maxOpen: more.maxOpen ?? 1000, maxWaitMicros: 10_000_000, sink: { answer: (answer) => this.answers.push(answer) },
    });
  }

  apply(desired: DesiredState): void {
    this.#desired = desired;
    this.directory.apply(desired);
    this.apps.apply(desired);
  }

  /** Applies another definition of a model version; its apps and the other versions stay. */
  replaceModel(spec: ModelSpec): void {
    this.apply({ ...this.#desired, models: { ...this.#desired.models, [modelKey(spec.name, spec.version)]: spec } });
  }

  replica(key: ModelKey, id = 'r1'): FakeReplica {
    const replica = new FakeReplica(id);
    this.directory.ready(key, replica);
    this.clock.settle();
    return replica;
  }

  #record(decision: Decision): 'kept' {
    this.decisions.push(decision);
    return 'kept';
  }

  #open(key: ModelKey, spec: ModelSpec): ModelQueue {
    return new ModelQueue({
      key, spec, clock: this.clock,
      batcher: new Batcher({ latency: new LearnedLatency(), controller: new FixedController({ maxBatch: spec.batching.maxBatch }), maxQueueRows: spec.batching.maxQueueRows, hash: rowHasher([1, 2]) }),
      meters: new ModelMeters(this.meter, spec.name, spec.version),
      onHung: (link) => this.hung.push(link.id),
      cache: { cache: this.cache, slabs: this.slabs, meter: this.meter },
    });
  }
}
