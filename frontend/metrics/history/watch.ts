import type { CellMeter } from '../cells.ts';
import { APP_METRICS, appOf, readApps } from './app-reading.ts';
import { LatestReadings } from './latest-readings.ts';
import { MODEL_METRICS, readModels, versionOf } from './model-reading.ts';
import type { Reading } from './reading.ts';
import { Track } from './track.ts';

/** Subjects of each kind whose history is kept; of those beyond, only the present is not known either. */
const MOST_TRACKS = 512;

export type Kind = 'app' | 'model' | 'broker';

/** The one subject of kind `broker`: all apps together. */
export const WHOLE = '';

/** The histories of all apps and model versions, and of the broker: reads the meter when it is told to. */
export class Watch {
  readonly #meter: CellMeter;
  readonly #tracks = { app: new Map<string, Track>(), model: new Map<string, Track>(), broker: new Map<string, Track>([[WHOLE, new Track()]]) };
  readonly #sum = new Sum();
  readonly #latest = {
    app: new LatestReadings({ metrics: APP_METRICS, subjectOf: appOf, read: readApps }),
    model: new LatestReadings({ metrics: MODEL_METRICS, subjectOf: versionOf, read: readModels }),
  };

  constructor(meter: CellMeter) {
    this.#meter = meter;
  }

  /** About once a second, with the time in epoch milliseconds. */
  sample(atMs: number): void {
    for (const _ of this.sampling(atMs)) continue;
  }

  /** The same in many small steps, between which others may go on: with hundreds of models it takes milliseconds. */
  *sampling(atMs: number): Generator<undefined, void> {
    const { app, model } = this.#latest;
    const before = app.readings;
    app.look(this.#meter);
    yield;
    model.look(this.#meter);
    yield;
    this.#tracks.broker.get(WHOLE)?.record(this.#sum.add(before, app.readings), atMs);
    yield* follow(this.#tracks.app, app.readings, atMs);
    yield* follow(this.#tracks.model, model.readings, atMs);
  }

  /** The history of a subject; undefined where there is none of this name. */
  track(kind: Kind, name: string): Track | undefined {
    return this.#tracks[kind].get(name);
  }

  names(kind: Kind): Iterable<string> {
    return this.#tracks[kind].keys();
  }

  /** What was read last. */
  reading(kind: 'app' | 'model', name: string): Reading | undefined {
    return this.#latest[kind].readings.get(name);
  }
}

function* follow(tracks: Map<string, Track>, readings: ReadonlyMap<string, Reading>, atMs: number): Generator<undefined, void> {
  for (const name of tracks.keys()) if (!readings.has(name)) tracks.delete(name);
  for (const [name, reading] of readings) {
    let track = tracks.get(name);
    if (track === undefined) {
      if (tracks.size >= MOST_TRACKS) continue;
      track = new Track();
      tracks.set(name, track);
    }
    track.record(reading, atMs);
    yield;
  }
}

/**
 * All apps together; which arms they asked is their own affair. Only ever rises, though apps come and go: what an app
 * brought stays when it is gone.
 */
class Sum {
  readonly #counters = new Map<string, number>();
  readonly #times = new Map<string, { readonly boundsMicros: readonly number[]; readonly counts: Float64Array }>();

  add(before: ReadonlyMap<string, Reading>, now: ReadonlyMap<string, Reading>): Reading {
    for (const [name, reading] of now) if (before.get(name) !== reading) this.#addOne(before.get(name), reading);
    const times = new Map([...this.#times].map(([name, { boundsMicros, counts }]) => [name, { boundsMicros, counts: counts.slice() }]));
    return { counters: new Map(this.#counters), gauges: new Map(), histograms: times };
  }

  #addOne(before: Reading | undefined, { counters, histograms }: Reading): void {
    for (const [name, value] of counters) {
      if (!name.startsWith('arm:')) this.#counters.set(name, (this.#counters.get(name) ?? 0) + Math.max(0, value - (before?.counters.get(name) ?? 0)));
    }
    for (const [name, { boundsMicros, counts }] of histograms) {
      const sum = this.#times.get(name) ?? { boundsMicros, counts: new Float64Array(counts.length) };
      const earlier = before?.histograms.get(name)?.counts;
      for (let i = 0; i < counts.length; i++) sum.counts[i] = (sum.counts[i] ?? 0) + Math.max(0, (counts[i] ?? 0) - (earlier?.[i] ?? 0));
      this.#times.set(name, sum);
    }
  }
}
