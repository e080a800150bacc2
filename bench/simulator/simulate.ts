import type { BatchRule } from '../../frontend/dispatch/model-queue.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import { random } from '../load/random.ts';
import { drawMicros, meanMicros } from './law.ts';
import type { RuleSetup } from './rivals/rule-setup.ts';
import { ruleNamed } from './rules.ts';
import { MAX_ROWS, steadyRowsOf, type Scenario } from './scenario.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SimulatedReplica, type PlayedBatch } from './simulated-replica.ts';
import { Stage, type Ending } from './stage.ts';
import { queries, type Workload } from './workload.ts';

/** Batches that are played before anything is counted: what a rule learns, it learns there. */
const WARM_UP_BATCHES = 200;
/** A rule that sends nothing would warm up for ever. */
const MOST_WARM_UP_QUERIES = 1_000_000;
const MAX_QUEUE_ROWS = 100_000;

/** What became of a workload under one rule. */
export interface Played {
  readonly offered: number;
  readonly onTime: number;
  /** Computed, and too late for it: the one thing that an answer must not be. */
  readonly late: number;
  /** Of those, the ones in a batch that was sent to learn from. */
  readonly exploringLate: number;
  /** The same in the warm-up, where most is learned. */
  readonly exploringLateBefore: number;
  /** How often for which reason there was no answer. */
  readonly missed: Readonly<Record<string, number>>;
  /** By stream of the scenario. */
  readonly streams: readonly { readonly offered: number; readonly onTime: number }[];
  /** From arrival to answer of those on time; sorted. */
  readonly latenciesMicros: Float64Array;
  readonly batches: readonly PlayedBatch[];
  /** On time per second, between one SLO after the start and the last arrival: without what fills and what empties. */
  readonly perSecond: number;
}

export interface SimulateOptions {
  readonly load: number;
  readonly rule: string;
  readonly seed: number;
  /** `WARM_UP_BATCHES` unless given; 0 plays from cold. */
  readonly warmUpBatches?: number;
  /** Makes the rule in place of the one of that name, for who wants to look into it. */
  readonly make?: (setup: RuleSetup) => BatchRule;
  /** Called with each counted batch when the rule has learned from it; times are the clock's. */
  readonly onBatch?: (batch: PlayedBatch, startMicros: Micros) => void;
}

/**
 * Plays a workload once. The warm-up runs at the same load with queries of its own, and ends with an empty queue and idle
 * replicas: every rule, and the oracle, meets the first counted arrival in the same state.
 */
export function simulate(scenario: Scenario, workload: Workload, options: SimulateOptions): Played {
  const clock = new SimulatedClock();
  const noise = random(options.seed * 2 + 1);
  const warmUpBatches = options.warmUpBatches ?? WARM_UP_BATCHES;
  const run = new Run(workload, scenario.streams.length);
  const setup: RuleSetup = {
    exactMicros: (rows, replica) => Math.max(1, Math.round(meanMicros(scenario.law, rows) / (scenario.speeds[Number(replica)] ?? 1))),
    replicas: scenario.speeds.map((_, i) => String(i)), sloMicros: 1000 * scenario.sloMs,
    steadyRows: steadyRowsOf(scenario), maxRows: MAX_ROWS, maxQueueRows: MAX_QUEUE_ROWS, draw: random(options.seed * 2 + 2),
  };
  const rule = options.make?.(setup) ?? ruleNamed(options.rule, setup);
  const stage = new Stage({ clock, rule, onEnd: (query, ending) => run.ended(query.slot, clock.now() - query.arrivedAtMicros, ending) });
  let batches = 0;
  scenario.speeds.forEach((speed, i) => stage.queue.attach(new SimulatedReplica(String(i), {
    clock,
    takes: (rows) => drawMicros(scenario.law, rows, { draw: noise, sinceMicros: clock.now() - run.startMicros, speed }),
    onBatch: (batch) => {
      batches++;
      if (clock.now() < run.startMicros) return;
      run.batches.push(batch);
      const { onBatch } = options;
      if (onBatch !== undefined) clock.defer(() => onBatch(batch, run.startMicros));
    },
  })));
  const submit = (slot: number, query: { sloMicros: Micros; stream: number }): void =>
    stage.submit(slot, { sloMicros: query.sloMicros, app: scenario.streams[query.stream]?.app ?? '', batchKey: 'x' });
  const warm = queries(scenario, options.load, -options.seed - 1);
  for (let asked = 0; batches < warmUpBatches && asked < MOST_WARM_UP_QUERIES; asked++) {
    const query = warm();
    clock.advanceTo(query.atMicros);
    submit(-1, query);
  }
  clock.finish();
  run.startMicros = clock.now();
  const exploringLateBefore = stage.exploringLate;
  for (let i = 0; i < run.offered; i++) {
    clock.advanceTo(run.startMicros + (workload.arrivalsMicros[i] ?? 0));
    submit(i, { sloMicros: workload.sloMicros[i] ?? 0, stream: workload.stream[i] ?? 0 });
  }
  clock.finish();
  return { ...run.result(), exploringLate: stage.exploringLate - exploringLateBefore, exploringLateBefore };
}

/** The books of one run. */
class Run {
  startMicros: Micros = Infinity;
  readonly offered: number;
  readonly batches: PlayedBatch[] = [];
  readonly #workload: Workload;
  readonly #missed = new Map<string, number>();
  readonly #settled: Uint8Array;
  readonly #latencies: Float64Array;
  readonly #streams: { offered: number; onTime: number }[];
  #onTime = 0;

  constructor(workload: Workload, streams: number) {
    this.#workload = workload;
    this.offered = workload.arrivalsMicros.length;
    this.#settled = new Uint8Array(this.offered);
    this.#latencies = new Float64Array(this.offered);
    this.#streams = Array.from({ length: streams }, () => ({ offered: 0, onTime: 0 }));
  }

  ended(slot: number, latencyMicros: Micros, ending: Ending): void {
    if (slot < 0) return;
    if (this.#settled[slot] !== 0) throw new Error(`query ${slot} ended twice`);
    this.#settled[slot] = 1;
    const stream = this.#streams[this.#workload.stream[slot] ?? 0];
    if (stream !== undefined) stream.offered++;
    const onTime = ending === 'on_time' && latencyMicros <= (this.#workload.sloMicros[slot] ?? 0);
    if (!onTime) {
      this.#missed.set(ending, (this.#missed.get(ending) ?? 0) + 1);
      return;
    }
    if (stream !== undefined) stream.onTime++;
    this.#latencies[this.#onTime++] = latencyMicros;
    this.#answeredAt.push(slot);
  }

  /** Slots in the order in which they were answered. */
  readonly #answeredAt: number[] = [];

  result(): Omit<Played, 'exploringLate' | 'exploringLateBefore'> {
    const unsettled = this.#settled.indexOf(0);
    if (unsettled >= 0) throw new Error(`query ${unsettled} never ended`);
    const latencies = this.#latencies.slice(0, this.#onTime);
    const { arrivalsMicros, sloMicros } = this.#workload;
    const to = arrivalsMicros.at(-1) ?? 0;
    const from = Math.min(to, sloMicros.reduce((most, slo) => Math.max(most, slo), 0));
    let inside = 0;
    this.#answeredAt.forEach((slot, i) => {
      const at = (arrivalsMicros[slot] ?? 0) + (latencies[i] ?? 0);
      if (at >= from && at <= to) inside++;
    });
    return {
      offered: this.offered, onTime: this.#onTime, late: this.#missed.get('deadline_exceeded') ?? 0, missed: Object.fromEntries(this.#missed),
      streams: this.#streams, latenciesMicros: latencies.toSorted(), batches: this.batches, perSecond: to > from ? (inside * 1e6) / (to - from) : 0,
    };
  }
}
