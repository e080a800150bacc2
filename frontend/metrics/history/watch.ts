import type { CellMeter } from '../cells.ts';
import { APP_METRICS, appOf, readApps } from './app-reading.ts';
import { LatestReadings } from './latest-readings.ts';
import { MODEL_METRICS, readModels, versionOf } from './model-reading.ts';
import type { Reading } from './reading.ts';
import { Track } from './track.ts';

/** Subjects of each kind whose history is kept; of those beyond, only the present is not known either. */
export const MOST_TRACKS = 512;

export type Kind = 'app' | 'model' | 'broker';

/** The one subject of kind `broker`: all apps together. */
export const WHOLE = '';

/** What is recorded of a subject that has a history from before a restart, and of which nothing was counted since. */
const NOTHING_YET: Reading = Object.freeze({ counters: new Map<string, number>(), gauges: new Map<string, number>(), histograms: new Map() });

type Tracks = Readonly<Record<Kind, ReadonlyMap<string, Track>>>;

/** The histories of all apps and model versions, and of the broker: reads the meter when it is told to. */
export class Watch {
  readonly #meter: CellMeter;
  readonly #tracks: Readonly<Record<Kind, Map<string, Track>>>;
  /** Those of before a restart that no series has named since; nobody else knows whether they will come again. */
  readonly #unseen: Readonly<Record<Kind, Set<string>>>;
  readonly #sum = new Sum();
  #shape = 0;
  readonly #latest = {
    app: new LatestReadings({ metrics: APP_METRICS, subjectOf: appOf, read: readApps }),
    model: new LatestReadings({ metrics: MODEL_METRICS, subjectOf: versionOf, read: readModels }),
  };

  /** `earlier`: what was recorded before a restart. */
  constructor(meter: CellMeter, earlier?: Tracks) {
    this.#meter = meter;
    this.#tracks = { app: new Map(earlier?.app), model: new Map(earlier?.model), broker: new Map([[WHOLE, earlier?.broker.get(WHOLE) ?? new Track()]]) };
    this.#unseen = { app: new Set(earlier?.app.keys()), model: new Set(earlier?.model.keys()), broker: new Set() };
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
    yield* this.#follow('app', app.readings, atMs);
    yield* this.#follow('model', model.readings, atMs);
  }

  /** The history of a subject; undefined where there is none of this name. */
  track(kind: Kind, name: string): Track | undefined {
    return this.#tracks[kind].get(name);
  }

  /** Another number whenever a subject has come or gone. */
  get shape(): number {
    return this.#shape;
  }

  names(kind: Kind): Iterable<string> {
    return this.#tracks[kind].keys();
  }

  /** Whether nothing was counted of a subject since the restart. */
  isUnseen(kind: Kind, name: string): boolean {
    return this.#unseen[kind].has(name);
  }

  /** Of a subject that will not come again. */
  forget(kind: Kind, name: string): void {
    if (this.#tracks[kind].delete(name)) this.#shape++;
    this.#unseen[kind].delete(name);
  }

  /** What was read last. */
  reading(kind: 'app' | 'model', name: string): Reading | undefined {
    return this.#latest[kind].readings.get(name);
  }

  *#follow(kind: 'app' | 'model', readings: ReadonlyMap<string, Reading>, atMs: number): Generator<undefined, void> {
    const tracks = this.#tracks[kind];
    const unseen = this.#unseen[kind];
    for (const [name, track] of tracks) {
      if (readings.has(name)) unseen.delete(name);
      else if (unseen.has(name)) track.record(NOTHING_YET, atMs);
      else this.forget(kind, name);
    }
    for (const [name, reading] of readings) {
      let track = tracks.get(name);
      if (track === undefined) {
        if (tracks.size >= MOST_TRACKS) continue;
        track = new Track();
        tracks.set(name, track);
        this.#shape++;
      }
      track.record(reading, atMs);
      yield;
    }
  }
}

/**
 * All apps together; which arms they asked is their own affair. Only ever rises, though apps come and go: what an app
 * brought stays when it is gone.
 */
class Sum {
  readonly #counters = new Map<string, number>();
  readonly #times = new Map<string, { readonly boundsMicros: readonly number[]; readonly counts: Float64Array }>();
  #reading: Reading | undefined;

  /** The same reading while nothing was added. */
  add(before: ReadonlyMap<string, Reading>, now: ReadonlyMap<string, Reading>): Reading {
    if (before !== now || this.#reading === undefined) this.#reading = this.#sumOf(before, now);
    return this.#reading;
  }

  #sumOf(before: ReadonlyMap<string, Reading>, now: ReadonlyMap<string, Reading>): Reading {
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
