import type { BrokerProcess } from '../demo/broker-process.ts';
import { mostPausedMs, type Pauses } from '../load/pauses.ts';
import { nameOf, startLiveBroker } from './live-broker.ts';
import { ANY_LATENESS_MICROS, playLive, warmUp, type LivePlay } from './live-point.ts';
import { capacityOf, measureLaw, type MeasuredLaw } from './measure-law.ts';
import { measuredAt, type MeasuredAt } from './measured-at.ts';
import { pointOf, type LivePoint, type RoundSample, type WorkloadResult } from './result.ts';
import { giveWay, Refusals, withPauses } from './undisturbed.ts';
import type { Workload } from './workloads.ts';

/** Of a point, in the mean: 3,000 come in each but one of some thousands. */
const LEAST_ARRIVALS = 3200;
/** Batches that are played before anything counts: controllers learn the law as they go. */
const LEARNING_BATCHES = 200;
const LEARNING_LOAD = 1.2;
/** So long at least: the controllers share a broker, and whoever came first would have it while its code is cold. */
const LEARNING_SECONDS = 10;
/** `again`: before each round but the first, for the machine is not always as fast. */
const LAW_SAMPLES = { small: 3, full: 15, again: 5 };
const LAW_TRIES = 3;
const LAW_MOST_PAUSED = 0.01;

export interface LiveOptions {
  readonly controllers: readonly string[];
  readonly loads: readonly number[];
  /** Of each point, all rounds together; longer where fewer than 3,000 arrivals would come. */
  readonly seconds: number;
  readonly rounds: number;
  readonly seed: number;
  /** How late 1 % of the requests of a point may leave. */
  readonly latenessMs: number;
  readonly small: boolean;
}

export interface Telling<Part> {
  readonly say: (line: string) => void;
  /** What has been measured so far, after each load of a round. */
  readonly keep: (soFar: Part) => void;
}

/**
 * One workload under all controllers: its law, then every load in rounds, in which the controllers take turns. What an earlier
 * run has `before` is not measured again, nor the law that its loads are multiples of; what that run had to refuse is.
 */
export async function measureWorkload(workload: Workload, options: LiveOptions, { say, keep, before }: Telling<WorkloadResult> & { before: WorkloadResult | undefined }): Promise<WorkloadResult> {
  if (before !== undefined && isWhole(before, options)) return before;
  const at = measuredAt(before);
  return withPauses(options, say, async (pauses) => {
    const law = before?.law ?? await measuredLaw(workload, options.small ? LAW_SAMPLES.small : LAW_SAMPLES.full, pauses);
    return playRounds({ workload, law, pauses, options, say, keep, at, points: before?.points ?? [] });
  });
}

/** Again where a core stood still meanwhile: medians stand some of that, and no more. */
async function measuredLaw(workload: Workload, samples: number, pauses: Pauses | undefined): Promise<MeasuredLaw> {
  for (let left = LAW_TRIES - 1; ; left--) {
    const [before, began] = [await pauses?.read(), performance.now()];
    const law = await measureLaw(workload, samples);
    const share = before === undefined || pauses === undefined ? 0 : mostPausedMs(before, await pauses.read()) / (performance.now() - began);
    if (share <= LAW_MOST_PAUSED) return law;
    if (left === 0) throw new RangeError(`the law of ${workload.name} cannot be measured: a core stood still for ${(share * 100).toFixed(1)} % of the time`);
  }
}

async function playRounds(parts: Omit<RoundsParts, 'broker' | 'capacity'>): Promise<WorkloadResult> {
  const { workload, law, options, say } = parts;
  const capacity = capacityOf(law, workload.sloMs);
  say(`${workload.title}: measured ${lawText(law)}, capacity ${capacity.perSecond.toFixed(0)}/s in batches of ${capacity.rows}`);
  const broker = await startLiveBroker(workload, options.controllers, capacity.rows);
  try {
    giveWay(broker, workload, say);
    const rounds = new Rounds({ ...parts, broker, capacity });
    await rounds.learn();
    await rounds.playAll();
    return rounds.result();
  } finally {
    await broker.stop();
  }
}

function lawText({ microsPerRow, microsPerBatch }: MeasuredLaw): string {
  return `${(microsPerRow / 1000).toFixed(3)}·b + ${(microsPerBatch / 1000).toFixed(2)} ms`;
}

function isWhole({ points }: WorkloadResult, { controllers, loads, rounds }: LiveOptions): boolean {
  return controllers.every((controller) => loads.every((load) => points.some((point) => point.controller === controller && point.load === load && point.samples.length >= rounds)));
}

interface RoundsParts extends Telling<WorkloadResult> {
  readonly workload: Workload;
  readonly broker: BrokerProcess;
  readonly pauses: Pauses | undefined;
  readonly law: MeasuredLaw;
  readonly capacity: { readonly rows: number; readonly perSecond: number };
  readonly options: LiveOptions;
  readonly at: MeasuredAt;
  /** Of an earlier run. */
  readonly points: readonly LivePoint[];
}

class Rounds {
  readonly #parts: RoundsParts;
  readonly #samples = new Map<string, RoundSample[]>();
  readonly #refusals: Refusals;
  /** As it was measured last: what the oracle knows. */
  #law: MeasuredLaw;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
    this.#law = parts.law;
    this.#refusals = new Refusals(parts.say);
    for (const { controller, load, samples } of parts.points) this.#samples.set(keyOf(controller, load), [...samples]);
  }

  async learn(): Promise<void> {
    const { options, capacity } = this.#parts;
    const seconds = options.small ? options.seconds : Math.max(LEARNING_SECONDS, (LEARNING_BATCHES * capacity.rows) / capacity.perSecond);
    for (const controller of options.controllers) {
      await warmUp({ ...this.#playOf(controller, LEARNING_LOAD, options.seed), seconds, maxLatenessMicros: ANY_LATENESS_MICROS });
    }
  }

  async playAll(): Promise<void> {
    await this.#refusals.playAll(async () => {
      for (let round = 0; round < this.#parts.options.rounds; round++) await this.#play(round);
    });
  }

  /** Every round and load has arrivals of its own, the same for all controllers; each time another of them comes first. */
  async #play(round: number): Promise<void> {
    const { controllers, loads, seed } = this.#parts.options;
    const lacks = (controller: string, load: number): boolean => this.#samples.get(keyOf(controller, load))?.some((sample) => sample.round === round) !== true;
    if (!loads.some((load) => controllers.some((controller) => lacks(controller, load)))) return;
    if (round > 0) await this.#lookAgain();
    for (const [at, load] of loads.entries()) {
      const first = (round * loads.length + at) % controllers.length;
      for (const controller of [...controllers.slice(first), ...controllers.slice(0, first)]) {
        if (lacks(controller, load)) await this.#sample(controller, load, round, seed + round * loads.length + at);
      }
      this.#parts.keep(this.result());
    }
  }

  /** Loads stay what they were; the oracle is as fast as the machine has become. */
  async #lookAgain(): Promise<void> {
    const { workload, pauses, say } = this.#parts;
    this.#law = await measuredLaw(workload, LAW_SAMPLES.again, pauses);
    say(`  ${workload.name}: now ${lawText(this.#law)}`);
  }

  result(): WorkloadResult {
    const { options, capacity, workload: { name, title, sloMs }, law, at } = this.#parts;
    const points = options.controllers.flatMap((controller) => options.loads.flatMap((load) => {
      const samples = this.#samples.get(keyOf(controller, load));
      return samples === undefined ? [] : [pointOf({ controller, load, ratePerSecond: load * capacity.perSecond }, samples)];
    }));
    return { name, title, sloMs, ...at, law, capacityPerSecond: capacity.perSecond, points, refused: this.#refusals.words };
  }

  async #sample(controller: string, load: number, round: number, seed: number): Promise<void> {
    await this.#refusals.sample(`${controller} at ${load}`, `  ${this.#parts.workload.name} at ${load}: ${controller.padEnd(9)} `, async () => {
      const sample = { round, ...await playLive(this.#playOf(controller, load, seed), this.#law) };
      const key = keyOf(controller, load);
      this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
      return `${sample.good} in time, ${sample.oracle} by the oracle, ${sample.late} of ${sample.offered} late, batches of ${sample.meanBatchRows.toFixed(1)}`;
    });
  }

  #playOf(controller: string, load: number, seed: number): LivePlay {
    const { workload, broker, pauses, capacity, options } = this.#parts;
    const ratePerSecond = load * capacity.perSecond;
    return {
      workload, broker, pauses, app: nameOf(controller), ratePerSecond, seed,
      seconds: options.small ? options.seconds : Math.max(options.seconds, LEAST_ARRIVALS / ratePerSecond) / options.rounds,
      maxLatenessMicros: options.small ? ANY_LATENESS_MICROS : options.latenessMs * 1000,
    };
  }
}

function keyOf(controller: string, load: number): string {
  return `${controller} ${load}`;
}
