import { Batcher } from '../../frontend/batching/batcher.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import { Directory } from '../../frontend/dispatch/directory.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue } from '../../frontend/dispatch/model-queue.ts';
import { rowHasher } from '../../frontend/dispatch/row-hash.ts';
import type { Answer } from '../../frontend/domain/answer.ts';
import type { AppSpec, DesiredState, ModelKey, ModelSpec } from '../../frontend/domain/model.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { AppTable } from '../../frontend/serving/app-table.ts';
import { Predict } from '../../frontend/serving/predict.ts';
import { DecisionIds, DerivedKeys, Receipts } from '../../frontend/serving/receipt.ts';
import { FakeReplica } from './fake-replica.ts';
import { RecordingMeter } from './recording-meter.ts';
import { desiredOf } from './specs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The whole road between a door and the replicas, on virtual time, with replicas that do what the test says. */
export class Road {
  readonly clock = new VirtualClock(1_000_000);
  readonly slabs = new SlabArena({ poison: true });
  readonly meter = new RecordingMeter();
  readonly answers: Answer[] = [];
  readonly hung: string[] = [];
  readonly receipts = new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]);
  readonly directory: Directory;
  readonly apps: AppTable;
  readonly predict: Predict;

  constructor(models: readonly ModelSpec[], apps: readonly AppSpec[], more: { labels?: DesiredState['labels']; maxOpen?: number } = {}) {
    this.directory = new Directory((key, spec) => this.#open(key, spec));
    this.apps = new AppTable({ directory: this.directory, slabs: this.slabs, meter: this.meter });
    this.apply(desiredOf(models, apps, more.labels));
    this.predict = new Predict({
      apps: this.apps, directory: this.directory, clock: this.clock, slabs: this.slabs, receipts: this.receipts,
      ids: new DecisionIds(Buffer.alloc(6, 1)), keys: new DerivedKeys(Buffer.alloc(32, 1)), epochOffsetMicros: 0,
      maxOpen: more.maxOpen ?? 1000, maxWaitMicros: 10_000_000, sink: { answer: (answer) => this.answers.push(answer) },
    });
  }

  apply(desired: DesiredState): void {
    this.directory.apply(desired);
    this.apps.apply(desired);
  }

  replica(key: ModelKey, id = 'r1'): FakeReplica {
    const replica = new FakeReplica(id);
    this.directory.ready(key, replica);
    this.clock.settle();
    return replica;
  }

  #open(key: ModelKey, spec: ModelSpec): ModelQueue {
    return new ModelQueue({
      key, spec, clock: this.clock,
      batcher: new Batcher({ controller: new FixedController({ maxBatch: spec.batching.maxBatch }), maxQueueRows: spec.batching.maxQueueRows, hash: rowHasher(1) }),
      meters: new ModelMeters(this.meter, spec.name, spec.version),
      onHung: (link) => this.hung.push(link.id),
    });
  }
}
