import type { Micros } from '../../domain/clock.ts';
import type { ReplicaId } from '../../domain/replica.ts';
import type { LatencyLaw, LatencyModel } from '../latency-law.ts';
import { LatencyCurve } from './latency-curve.ts';
import { HEARSAY_BATCHES, MOST_MICROS } from './latency-record.ts';
import type { LatencyRecord, Point } from './latency-record.ts';
import { Pace } from './pace.ts';
import { ScaledLaw } from './scaled-law.ts';
import { SizeTrend } from './size-trend.ts';
import { TailRatio } from './tail-ratio.ts';

const DEFAULT_QUANTILE = 0.99;
/** The first batch of a replica that takes so much longer than foretold warmed it up, and says nothing; where there are others, no first batch does. */
const WARM_UP_RATIO = 1.5;
/** Where there are others, a replica teaches new sizes only once its own pace is known. */
const STRANGER_BATCHES = 4;
/** A size of the prior counts as so many batches at most. */
const PRIOR_BATCHES = 8;
/** A replica whose pace is above this is slowed down; faster than it by as much is another pace. */
const SLOWED = 1.5;
/** Replicas that are told apart; whoever ends without a word goes when so many have come after it. */
const MOST_REPLICAS = 1024;

export interface LearnedLatencyOptions {
  /** Which quantile the tail is, above 0.5 and below 1: 0.99 unless said. */
  readonly quantile?: number;
  /** What is believed at the start: this version's record from before a restart, or its predecessor's (`asPredecessor`). */
  readonly prior?: LatencyRecord;
}

interface Replica {
  readonly pace: Pace;
  readonly law: ScaledLaw;
  readonly trend: SizeTrend;
  batches: number;
  /** Batches in a row that were far faster than a slowed replica's should be. */
  fast: number;
}

interface Finished {
  readonly rows: number;
  /** At the pace of the law. */
  readonly normalMicros: number;
  readonly ratio: number;
}

/**
 * The laws of one model version and its replicas, learned from the batches that they finish. All replicas share a curve and
 * a tail, each at its own pace; one whose times depend on the size in another way gets a curve and a tail of its own.
 * Bounded: nothing is kept of a batch, and of a replica a few numbers (40 kB where it has a curve).
 */
export class LearnedLatency implements LatencyModel {
  readonly #quantile: number;
  readonly #shared: LatencyCurve = new LatencyCurve();
  readonly #sharedTail: TailRatio;
  readonly #law: ScaledLaw;
  readonly #replicas = new Map<ReplicaId, Replica>();
  /** Batches until the replica that stands for the version is chosen again. */
  #untilChoice = 0;
  #doubtedRows = 0;
  #hasLearned = false;

  constructor({ prior, quantile = DEFAULT_QUANTILE }: LearnedLatencyOptions = {}) {
    if (!(quantile > 0.5 && quantile < 1)) throw new RangeError(`the quantile is ${quantile}; above 0.5 and below 1`);
    this.#quantile = quantile;
    this.#sharedTail = new TailRatio({ quantile, ...(prior === undefined ? {} : { prior: prior.tailRatio }) });
    this.#law = new ScaledLaw(this.#shared, this.#sharedTail);
    if (prior !== undefined) this.#shared.inherit(prior, { mostBatches: PRIOR_BATCHES, now: 0 });
  }

  get law(): LatencyLaw {
    return this.#law;
  }

  lawOf(replica: ReplicaId): LatencyLaw {
    return this.#replicas.get(replica)?.law ?? this.#law;
  }

  observe(sample: { readonly replica: ReplicaId; readonly rows: number; readonly micros: number }, now: Micros): void {
    const rows = Math.max(1, sample.rows);
    const micros = withinMeasure(sample.micros);
    const replica = this.#replicaOf(sample.replica);
    const { law, pace } = replica;
    const normalMicros = micros / pace.factor;
    const foretold = law.curve.meanMicros(rows);
    const isFirst = replica.batches++ === 0;
    this.#hasLearned = true;
    if (foretold === 0) law.curve.observe(rows, normalMicros, now);
    else if (!isFirst || this.#isTelling(rows, normalMicros / foretold)) this.#learn(replica, { rows, normalMicros, ratio: normalMicros / foretold }, now);
    law.factor = replica.pace.factor;
    if (--this.#untilChoice <= 0) this.#choose(this.#replicas.size === 1 ? law : this.#median(rows));
  }

  doubt(rows: number): void {
    this.#doubtedRows = rows;
  }

  forget(replica: ReplicaId): void {
    this.#replicas.delete(replica);
    this.#untilChoice = 0;
  }

  /** What is worth keeping over a restart; undefined before the first batch, whatever the prior. */
  toRecord(): LatencyRecord | undefined {
    if (!this.#hasLearned) return undefined;
    const { curve, factor, tail } = this.#law;
    const points = curve.points.map(([rows, micros, batches]): Point => [rows, rounded(withinMeasure(micros * factor)), rounded(batches)]);
    const { noise, bend, isPadded } = curve.spread;
    return { format: 1, spread: { noise: rounded(noise), bend: rounded(bend), isPadded }, tailRatio: rounded(tail.ratio), points };
  }

  #replicaOf(id: ReplicaId): Replica {
    let replica = this.#replicas.get(id);
    if (replica === undefined) {
      this.#makeRoom();
      const law = new ScaledLaw(this.#shared, this.#sharedTail);
      law.factor = this.#law.curve === this.#shared ? this.#law.factor : 1;
      replica = { pace: new Pace(law.factor), law, trend: new SizeTrend(), batches: 0, fast: 0 };
      this.#replicas.set(id, replica);
      this.#untilChoice = 0;
    }
    return replica;
  }

  #makeRoom(): void {
    if (this.#replicas.size < MOST_REPLICAS) return;
    for (const oldest of this.#replicas.keys()) {
      this.#replicas.delete(oldest);
      return;
    }
  }

  /** Of the first batch of a replica: whether it says more than that it warmed up. One that was sent to check the estimate does. */
  #isTelling(rows: number, ratio: number): boolean {
    return ratio < WARM_UP_RATIO && (this.#replicas.size === 1 || rows === this.#doubtedRows);
  }

  #learn(replica: Replica, { rows, normalMicros, ratio }: Finished, now: Micros): void {
    const { pace, law: { curve, tail } } = replica;
    if (rows === this.#doubtedRows) {
      this.#doubtedRows = 0;
      pace.meetHalfWay(ratio);
      return;
    }
    replica.fast = pace.factor > SLOWED && rows <= curve.seenRows && ratio * SLOWED < 1 ? replica.fast + 1 : 0;
    if (replica.fast > 0) {
      // What slowed it down is over: sizes that are met first then are not to be taken for the only ones that are fast.
      if (replica.fast > 1) pace.meetHalfWay(ratio);
      return;
    }
    const isOneOfMany = this.#replicas.size > 1 && curve === this.#shared;
    if (curve.knows(rows)) {
      if (isOneOfMany) this.#test(replica, rows, ratio);
      if (!pace.observe(ratio)) return;
      const isStranger = isOneOfMany && !pace.isKnown;
      if (isStranger && !curve.isYoung) return;
      if (!isStranger) tail.observe(ratio, now);
    } else if (isOneOfMany && replica.batches <= STRANGER_BATCHES) return;
    curve.observe(rows, normalMicros, now);
  }

  /** Gives the replica a curve of its own where the shared one is not its, at whatever pace. */
  #test({ trend, pace, law }: Replica, rows: number, ratio: number): void {
    trend.observe(rows, ratio * pace.factor);
    if (!trend.isClear) return;
    law.curve = new LatencyCurve();
    law.tail = new TailRatio({ quantile: this.#quantile, prior: this.#sharedTail.ratio });
    law.curve.inherit(this.#shared, { mostBatches: HEARSAY_BATCHES, now: 0 });
  }

  /** The law of the version is that of its median replica. */
  #choose({ curve, tail, factor }: ScaledLaw): void {
    this.#untilChoice = this.#replicas.size;
    this.#law.curve = curve;
    this.#law.tail = tail;
    this.#law.factor = factor;
  }

  /** By the time of a batch of `rows` rows. */
  #median(rows: number): ScaledLaw {
    const laws = Array.from(this.#replicas.values(), ({ law }) => law).sort((a, b) => a.meanMicros(rows) - b.meanMicros(rows));
    return laws[(laws.length - 1) >> 1] ?? this.#law;
  }
}

function withinMeasure(micros: number): number {
  return Math.min(Math.max(1, micros), MOST_MICROS);
}

/** To six digits: more are noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
