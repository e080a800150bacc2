import { difference, type Difference, type Reading } from './reading.ts';
import { Ring, type RingContent } from './ring.ts';

/** How far back a track goes, and how finely. */
export const SPANS = Object.freeze({
  '5m': Object.freeze({ stepMs: 1_000, length: 300 }),
  '1h': Object.freeze({ stepMs: 10_000, length: 360 }),
  '1d': Object.freeze({ stepMs: 60_000, length: 1_440 }),
});
export type Span = keyof typeof SPANS;

/** What "now" means: the last ten seconds, of readings one second apart. */
const NOW_READINGS = 11;

/** Steps that one reading may end; of those before nothing is known. */
const MOST_AT_ONCE = 5;

interface Moment {
  readonly atMs: number;
  readonly reading: Reading;
}

const NOTHING: Difference = Object.freeze({ rates: new Map<string, number>(), quantiles: new Map<string, number>() });

/**
 * The history of one subject: an app, a model version, the whole broker. Pure: readings and the time are given, about once a
 * second. Each span goes by its own readings, so that a quantile of a minute is that of the minute, not a mean of seconds.
 */
export class Track {
  readonly #spans: ReadonlyMap<Span, Steps>;
  #recent: Moment[] = [];
  /** While nothing changes only the time is noted; the steps are written when somebody looks, or something comes. */
  #stoodUntilMs: number | undefined;

  /** `earlier`: what was recorded before a restart. */
  constructor(earlier?: ReadonlyMap<Span, RingContent>) {
    this.#spans = new Map((Object.keys(SPANS) as Span[]).map((span) => [span, new Steps(SPANS[span], earlier?.get(span))]));
  }

  /** `atMs` in epoch milliseconds; a reading of an earlier time than the last is passed over: the machine's clock was set back. */
  record(reading: Reading, atMs: number): void {
    const last = this.#recent.at(-1);
    const sinceMs = atMs - (this.#stoodUntilMs ?? last?.atMs ?? Number.NEGATIVE_INFINITY);
    if (sinceMs <= 0) return;
    if (this.#stoodUntilMs !== undefined && last?.reading === reading && sinceMs < MOST_AT_ONCE * SPANS['5m'].stepMs) {
      this.#stoodUntilMs = atMs;
      return;
    }
    this.#catchUp();
    this.#recent.push({ atMs, reading });
    if (this.#recent.length > NOW_READINGS) this.#recent.shift();
    for (const steps of this.#spans.values()) steps.record(reading, atMs);
    if (this.standing !== undefined) this.#stoodUntilMs = atMs;
  }

  /** What happened in the last ten seconds. */
  now(): Difference {
    if (this.#stoodUntilMs !== undefined) return NOTHING;
    const [first] = this.#recent;
    const last = this.#recent.at(-1);
    if (first === undefined || last === undefined || first.reading === last.reading) return NOTHING;
    return difference(first.reading, last.reading, last.atMs - first.atMs);
  }

  /** What it stands at, where nothing has changed of late, nor in the newest step of each span: those then tell the next ones. */
  get standing(): Reading | undefined {
    const reading = this.#recent.at(-1)?.reading;
    if (reading === undefined || this.#stoodUntilMs !== undefined) return reading;
    if (this.#recent.length < NOW_READINGS || this.#recent.some((moment) => moment.reading !== reading)) return undefined;
    for (const steps of this.#spans.values()) if (!steps.stands(reading)) return undefined;
    return reading;
  }

  /** Of one that stood when it was recorded, and is known to have stood until then. */
  standUntil(atMs: number): void {
    for (const [span, { ring }] of this.#spans) ring.standUntil(Math.floor(atMs / SPANS[span].stepMs) - 1);
  }

  ring(span: Span): Ring {
    this.#catchUp();
    const steps = this.#spans.get(span);
    if (steps === undefined) throw new RangeError(`there is no span ${span}`);
    return steps.ring;
  }

  /** As if the reading that it stands at had come each second. */
  #catchUp(): void {
    const last = this.#recent.at(-1);
    const untilMs = this.#stoodUntilMs;
    this.#stoodUntilMs = undefined;
    if (untilMs === undefined || last === undefined || untilMs === last.atMs) return;
    this.#recent = Array.from({ length: NOW_READINGS }, (_, i) => ({ atMs: untilMs - (NOW_READINGS - 1 - i) * SPANS['5m'].stepMs, reading: last.reading }));
    for (const steps of this.#spans.values()) steps.standUntil(untilMs);
  }
}

/** One span of a track: closes a step when the first reading of a later one comes. */
class Steps {
  readonly ring: Ring;
  readonly #stepMs: number;
  #begun: Moment | undefined;
  /** Of the readings since it began that are others than that; the first stands for those that were the same. */
  readonly #highest = new Map<string, number>();
  #hasStood = false;
  /** What a step of a reading that stood is put as: of a hundred models that nobody asks it is the same each second. */
  #standing: { readonly reading: Reading; readonly gauges: ReadonlyMap<string, number> } | undefined;

  constructor(shape: { readonly stepMs: number; readonly length: number }, earlier: RingContent | undefined) {
    this.ring = new Ring(shape, earlier);
    this.#stepMs = shape.stepMs;
  }

  record(reading: Reading, atMs: number): void {
    this.#begun ??= { atMs, reading };
    if (reading === this.#begun.reading) this.#hasStood = true;
    else this.#raise(reading);
    const step = Math.floor(atMs / this.#stepMs);
    if (step === Math.floor(this.#begun.atMs / this.#stepMs)) return;
    const [counted, measured] = this.#highest.size === 0 && this.#begun.reading === reading ? [this.#gaugesOf(reading), NOTHING.quantiles] : this.#close(this.#begun, { atMs, reading });
    // A busy machine may let a second pass: what it and the next have together is then said of both.
    const first = Math.max(Math.floor(this.#begun.atMs / this.#stepMs), step - MOST_AT_ONCE, this.ring.content.newest + 1);
    for (let one = first; one < step; one++) this.ring.put(one, counted, measured);
    this.#highest.clear();
    this.#hasStood = false;
    this.#begun = { atMs, reading };
  }

  /** Of one that stands. */
  standUntil(atMs: number): void {
    if (this.#begun === undefined) return;
    const step = Math.floor(atMs / this.#stepMs);
    if (step > Math.floor(this.#begun.atMs / this.#stepMs)) {
      this.ring.standUntil(step - 1);
      this.#begun = { ...this.#begun, atMs: step * this.#stepMs + (atMs % SPANS['5m'].stepMs) };
    }
    this.#hasStood = atMs > this.#begun.atMs;
  }

  /** Whether the last step was that of this reading, and nothing came since. */
  stands(reading: Reading): boolean {
    return this.#standing?.reading === reading && this.#begun?.reading === reading && this.#highest.size === 0;
  }

  /** What was counted and measured from one moment to another. */
  #close(begun: Moment, { atMs, reading }: Moment): readonly [counted: ReadonlyMap<string, number>, measured: ReadonlyMap<string, number>] {
    const { rates, quantiles } = begun.reading === reading ? NOTHING : difference(begun.reading, reading, atMs - begun.atMs);
    if (this.#hasStood) this.#raise(begun.reading);
    return [new Map([...rates, ...aboveZero(this.#highest)]), quantiles];
  }

  #gaugesOf(reading: Reading): ReadonlyMap<string, number> {
    if (this.#standing?.reading !== reading) this.#standing = { reading, gauges: aboveZero(reading.gauges) };
    return this.#standing.gauges;
  }

  #raise({ gauges }: Reading): void {
    for (const [name, value] of gauges) this.#highest.set(name, Math.max(value, this.#highest.get(name) ?? 0));
  }
}

/** What stands at 0 takes no column, as what never happened. */
function aboveZero(gauges: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...gauges].filter(([, value]) => value > 0));
}
