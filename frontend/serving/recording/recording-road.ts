import type { Meter } from '../../domain/meter.ts';
import type { AppSpec, RecordingSpec } from '../../domain/model.ts';
import type { PredictPort, UnparsedQuery } from '../../domain/ports.ts';
import type { Query } from '../../domain/query.ts';
import { recordedLine, type RecordingStore } from '../../domain/recording.ts';
import { queryBody, type TensorText } from './query-body.ts';

export interface RecordingRoadOptions {
  readonly road: PredictPort;
  readonly store: RecordingStore;
  readonly tensorText: TensorText;
  readonly meter: Meter;
  /** In [0, 1). */
  readonly random: () => number;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
}

interface Recorder extends RecordingSpec {
  readonly redacted: ReadonlySet<string>;
}

/**
 * The road, with a sample of the queries written down before they go on. A query of an app that records nothing costs one
 * look into a map.
 */
export class RecordingRoad implements PredictPort {
  readonly #options: RecordingRoadOptions;
  readonly #recorders = new Map<string, Recorder>();

  constructor(options: RecordingRoadOptions) {
    this.#options = options;
  }

  /** The apps as they are from now on. */
  apply(apps: Readonly<Record<string, AppSpec>>): void {
    this.#recorders.clear();
    for (const { name, recording } of Object.values(apps)) {
      if (recording !== undefined) this.#recorders.set(name, { ...recording, redacted: new Set(recording.redact) });
    }
  }

  submit(query: Query): void {
    const recorder = this.#recorders.size === 0 ? undefined : this.#recorders.get(query.app);
    // What a caller asked of one model by name says nothing of what the app is asked.
    if (recorder !== undefined && query.pin === undefined && this.#options.random() < recorder.fraction) this.#record(query, recorder);
    this.#options.road.submit(query);
  }

  submitUnparsed(query: UnparsedQuery): void {
    this.#options.road.submitUnparsed(query);
  }

  cancel(slot: number): void {
    this.#options.road.cancel(slot);
  }

  #record(query: Query, { redacted, maxBytes }: Recorder): void {
    const { store, tensorText, meter, epochOffsetMicros } = this.#options;
    const { app } = query;
    const body = queryBody(query, redacted, tensorText);
    const atEpochMs = Math.floor((query.arrivedAtMicros + epochOffsetMicros) / 1000);
    const outcome = body === undefined ? 'unfit' : store.append(app, recordedLine({ app, atEpochMs, body }), maxBytes) ? 'recorded' : 'dropped';
    meter.add(meter.cell('tradewind_recorded_total', { app, outcome }), 1);
  }
}
