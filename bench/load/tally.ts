import { build, type Histogram } from 'hdr-histogram-js';
import { answerKind } from './answer-kind.ts';
import type { UnderWay } from './connection.ts';
import { LateAnswers } from './late-answers.ts';
import type { LoadReport, Percentiles } from './report.ts';

/** Ten minutes: the longest latency that is told apart from longer ones. */
const HIGHEST_MICROS = 600_000_000;
/** Distinct statuses, sources or reasons that are counted by name; a server that invents more is counted as `…`. */
const MAX_NAMES = 64;
const MAX_FAULTS = 8;

/** Counts what came back. One owner: the generator's process. */
export class Tally {
  readonly #latency = histogram();
  readonly #lateness = histogram();
  readonly #statuses = new Map<string | number, number>();
  readonly #sources = new Map<string | number, number>();
  readonly #reasons = new Map<string | number, number>();
  readonly #faults: string[] = [];
  readonly #late: LateAnswers;
  readonly #sloMicros: number;
  #measured = 0;
  #good = 0;
  #wrong = 0;

  constructor(sloMicros: number) {
    this.#sloMicros = sloMicros;
    this.#late = new LateAnswers(sloMicros);
  }

  answer(status: number, request: UnderWay & { readonly latencyMicros: number }, body: Buffer): void {
    const { sequence, latencyMicros, leftMicros, fromMicros } = request;
    const kind = answerKind(status, body);
    this.#measured++;
    record(this.#latency, latencyMicros);
    count(this.#statuses, status);
    count(this.#sources, kind.source);
    if (kind.reason !== '') count(this.#reasons, kind.reason);
    if (latencyMicros > this.#sloMicros) this.#late.add({ sequence, latencyMicros, leftLateMicros: leftMicros - fromMicros }, kind, body);
    else if (kind.source === 'model' || kind.source === 'ensemble') this.#good++;
  }

  fault(sequence: number, words: string): void {
    this.#wrong++;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(`request ${sequence}: ${words}`);
  }

  late(micros: number): void {
    record(this.#lateness, micros);
  }

  get latenessMicros(): Percentiles {
    return percentiles(this.#lateness);
  }

  /** What the tally knows of the report; `seconds` is the window's length. */
  summary(seconds: number): Pick<LoadReport, 'measured' | 'statuses' | 'sources' | 'reasons' | 'latencyMicros' | 'latenessMicros' | 'goodputPerSecond' | 'good' | 'late' | 'lateByGenerator' | 'latest' | 'wrong' | 'faults'> {
    return {
      measured: this.#measured,
      statuses: asRecord(this.#statuses),
      sources: asRecord(this.#sources),
      reasons: asRecord(this.#reasons),
      latencyMicros: percentiles(this.#latency),
      latenessMicros: this.latenessMicros,
      good: this.#good,
      late: this.#late.count,
      lateByGenerator: this.#late.byGenerator,
      latest: this.#late.worst,
      goodputPerSecond: seconds > 0 ? this.#good / seconds : 0,
      wrong: this.#wrong,
      faults: this.#faults,
    };
  }
}

function histogram(): Histogram {
  return build({ bitBucketSize: 32, autoResize: false, lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST_MICROS, numberOfSignificantValueDigits: 3 });
}

function record(into: Histogram, micros: number): void {
  into.recordValue(Math.min(HIGHEST_MICROS, Math.max(0, Math.round(micros))));
}

function percentiles(of: Histogram): Percentiles {
  const at = (percent: number): number => of.getValueAtPercentile(percent);
  const any = of.totalCount > 0;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: any ? of.maxValue : 0, mean: any ? Math.round(of.mean) : 0 };
}

function count(into: Map<string | number, number>, name: string | number): void {
  const before = into.get(name);
  if (before !== undefined) into.set(name, before + 1);
  else if (into.size < MAX_NAMES) into.set(name, 1);
  else into.set('…', (into.get('…') ?? 0) + 1);
}

function asRecord(counts: ReadonlyMap<string | number, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => String(a).localeCompare(String(b))).map(([name, n]) => [String(name), n]));
}
