import { asPredecessor, readLatencyRecord } from '../batching/latency/latency-record.ts';
import type { LatencyRecord } from '../batching/latency/latency-record.ts';
import { LearnedLatency } from '../batching/latency/learned-latency.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { LatencyStore } from '../domain/latency-store.ts';
import type { Log } from '../domain/log.ts';
import { modelKey } from '../domain/model.ts';
import type { ModelKey } from '../domain/model.ts';
import type { ReplicaId } from '../domain/replica.ts';

export const SAVE_EVERY_MICROS: Micros = 60_000_000;
/** Versions that are remembered, those that ran last. */
const MOST_RECORDS = 1024;

export interface LatencyKeeperOptions {
  readonly store: LatencyStore;
  readonly clock: Clock;
  readonly log: Log;
}

interface Version {
  readonly name: string;
  readonly version: number;
}

interface Open extends Version {
  readonly model: LearnedLatency;
}

const DEFAULT_QUANTILE = 0.99;

/**
 * The one writer of latency models: gives each model version the model that its batcher learns with, begun from what the
 * version knew when it last ran, else from its predecessor's; saves all of them every minute and at the end.
 * Saving is for speed of learning only: where it fails, that is logged and everything goes on.
 */
export class LatencyKeeper {
  readonly #options: LatencyKeeperOptions;
  /** What is known of versions without a queue, and of those with one what it began from; the oldest first. */
  readonly #records = new Map<ModelKey, LatencyRecord>();
  /** Versions whose record is not on disk. */
  readonly #unsaved = new Set<ModelKey>();
  readonly #open = new Map<ModelKey, Open>();
  #last: Promise<void> = Promise.resolve();
  #stopWake: () => void = () => undefined;
  #isClosed = false;

  private constructor(options: LatencyKeeperOptions) {
    this.#options = options;
  }

  /** Reads what is stored; a record that is damaged or of another program's version is left out, with a line in the log. */
  static async open(options: LatencyKeeperOptions): Promise<LatencyKeeper> {
    const keeper = new LatencyKeeper(options);
    for (const [key, stored] of await options.store.loadLatencies()) {
      const record = readLatencyRecord(stored);
      if (record === undefined) options.log.warn({ key }, 'the stored latency model cannot be used; it is learned anew');
      else keeper.#records.set(key, record);
    }
    keeper.#saveLater();
    return keeper;
  }

  /** A model for the queue of this version, which knows what the queue before it knew. */
  begin(version: Version, quantile = DEFAULT_QUANTILE): LearnedLatency {
    const key = modelKey(version.name, version.version);
    this.#close(key);
    const own = this.#records.get(key);
    const prior = own ?? this.#predecessor(version);
    const model = new LearnedLatency(prior === undefined ? { quantile } : { quantile, prior });
    this.#open.set(key, { name: version.name, version: version.version, model });
    return model;
  }

  /** A batch that was no query's took so long: what warms a replica up tells how fast it is. */
  observe(key: ModelKey, sample: { readonly replica: ReplicaId; readonly rows: number; readonly micros: Micros }): void {
    this.#open.get(key)?.model.observe(sample, this.#options.clock.now());
  }

  /** Versions that are no longer wanted learn nothing more; what they knew is kept for those that come after them. */
  retain(wanted: Readonly<Record<ModelKey, unknown>>): void {
    for (const key of this.#open.keys()) if (!Object.hasOwn(wanted, key)) this.#close(key);
  }

  /** Saves what is known now; one save after another. Never rejects. */
  save(): Promise<void> {
    return (this.#last = this.#last.then(() => this.#save()));
  }

  /** Saves once more, and stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWake();
    await this.save();
  }

  async #save(): Promise<void> {
    for (const [key, { model }] of this.#open) {
      const record = model.toRecord();
      if (record !== undefined) this.#keep(key, record);
    }
    const unsaved = new Map<ModelKey, LatencyRecord>();
    for (const key of this.#unsaved) {
      const record = this.#records.get(key);
      if (record !== undefined) unsaved.set(key, record);
    }
    if (unsaved.size === 0) return;
    this.#unsaved.clear();
    try {
      await this.#options.store.saveLatencies(unsaved, MOST_RECORDS);
    } catch (err) {
      for (const key of unsaved.keys()) this.#unsaved.add(key);
      this.#options.log.error({ err }, 'the latency models could not be saved');
    }
  }

  #saveLater(): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    this.#stopWake = clock.wakeAt(clock.now() + SAVE_EVERY_MICROS, () => void this.save().then(() => this.#saveLater()));
  }

  #close(key: ModelKey): void {
    const record = this.#open.get(key)?.model.toRecord();
    this.#open.delete(key);
    if (record !== undefined) this.#keep(key, record);
  }

  #keep(key: ModelKey, record: LatencyRecord): void {
    this.#records.delete(key);
    this.#records.set(key, record);
    this.#unsaved.add(key);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MOST_RECORDS) return;
      this.#records.delete(oldest);
      this.#unsaved.delete(oldest);
    }
  }

  /** The nearest lower version of the model that is known; one that runs, by what it knows now. */
  #predecessor({ name, version }: Version): LatencyRecord | undefined {
    for (const { name: other, version: lower, model } of this.#open.values()) {
      const record = other === name && lower < version ? model.toRecord() : undefined;
      if (record !== undefined) this.#keep(modelKey(name, lower), record);
    }
    let nearest = 0;
    for (const key of this.#records.keys()) {
      const lower = key.startsWith(`${name}@`) ? Number(key.slice(name.length + 1)) : 0;
      if (lower < version && lower > nearest) nearest = lower;
    }
    const record = this.#records.get(modelKey(name, nearest));
    return record === undefined ? undefined : asPredecessor(record);
  }
}
