import type { BrokerProcess } from '../demo/broker-process.ts';
import type { Pauses } from '../load/pauses.ts';
import { capacityPerSecond, meanMicros, steadyRows, type Law } from '../simulator/law.ts';
import { MAX_ROWS, nameOf, startReplicasBroker } from './live-broker.ts';
import { ANY_LATENESS_MICROS, playSeen, warmUp, type LivePlay } from './live-point.ts';
import { measuredAt, type MeasuredAt } from './measured-at.ts';
import type { LiveOptions, Telling } from './measure-workload.ts';
import { ratioOf, replicasPoint, type ReplicasResult, type ReplicasSample } from './replicas-result.ts';
import { giveWay, Refusals, withPauses } from './undisturbed.ts';
import { REPLICAS, synthetic } from './workloads.ts';

const COUNTS = [1, 4];
/** The containers sleep, so that four of them take no more of the processors than one does of its own. */
const LAW: Law = { alphaMs: 2, betaMs: 20 };
const SLO_MS = 60;
const WORKLOAD = synthetic(LAW.alphaMs, LAW.betaMs, SLO_MS);
/** Times capacity: what fills and empties does not count. */
const LOAD = 2;
/** Of each number of replicas, all rounds together: some 90 seconds in all, with what does not count. */
const SECONDS = 20;
/** Some 150 batches of one replica. */
const LEARNING_SECONDS = 5;

export interface ReplicasOptions extends LiveOptions {
  /** The controller. */
  readonly ours: string;
}

/**
 * The same version with one replica and with four, both in one broker, in turns: what each has is twice what its replicas can do.
 * What an earlier run of the same controller has `before` is not measured again; what that run had to refuse is.
 */
export async function measureReplicas(options: ReplicasOptions, { say, keep, before: earlier }: Telling<ReplicasResult> & { before: ReplicasResult | undefined }): Promise<ReplicasResult> {
  const before = earlier?.controller === options.ours ? earlier : undefined;
  if (before !== undefined && COUNTS.every((replicas) => samplesOf(before, replicas).length >= options.rounds)) return before;
  const at = measuredAt(before);
  return withPauses(options, say, async (pauses) => {
    say(`replicas of ${WORKLOAD.title}: ${COUNTS.join(' and ')} in turns, at ${LOAD} times their capacity`);
    const latency = (rows: number): number => meanMicros(LAW, rows);
    const broker = await startReplicasBroker(WORKLOAD, COUNTS, { controller: options.ours, fixedRows: steadyRows(latency, SLO_MS * 1000, MAX_ROWS) });
    try {
      giveWay(broker, WORKLOAD, say);
      const turns = new Turns({ broker, pauses, options, at, say, keep, before, capacityPerSecond: capacityPerSecond(latency, SLO_MS * 1000, MAX_ROWS) });
      await turns.learn();
      await turns.playAll();
      return turns.result();
    } finally {
      await broker.stop();
    }
  });
}

function samplesOf(result: ReplicasResult | undefined, replicas: number): readonly ReplicasSample[] {
  return result?.points.find((point) => point.replicas === replicas)?.samples ?? [];
}

interface TurnsParts extends Telling<ReplicasResult> {
  readonly broker: BrokerProcess;
  readonly pauses: Pauses | undefined;
  readonly options: ReplicasOptions;
  readonly at: MeasuredAt;
  readonly before: ReplicasResult | undefined;
  readonly capacityPerSecond: number;
}

class Turns {
  readonly #parts: TurnsParts;
  readonly #samples: ReadonlyMap<number, ReplicasSample[]>;
  readonly #refusals: Refusals;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    this.#refusals = new Refusals(parts.say);
    this.#samples = new Map(COUNTS.map((replicas) => [replicas, [...samplesOf(parts.before, replicas)]]));
  }

  async learn(): Promise<void> {
    const { options } = this.#parts;
    for (const replicas of COUNTS) {
      await warmUp({ ...this.#playOf(replicas, options.seed), seconds: options.small ? options.seconds : LEARNING_SECONDS, maxLatenessMicros: ANY_LATENESS_MICROS });
    }
  }

  async playAll(): Promise<void> {
    await this.#refusals.playAll(() => this.#play());
  }

  async #play(): Promise<void> {
    const { options: { rounds, seed }, keep } = this.#parts;
    for (let round = 0; round < rounds; round++) {
      for (const [replicas, samples] of this.#samples) {
        if (!samples.some((sample) => sample.round === round)) await this.#sample(replicas, samples, { round, seed: seed + round });
      }
      keep(this.result());
    }
  }

  async #sample(replicas: number, samples: ReplicasSample[], { round, seed }: { round: number; seed: number }): Promise<void> {
    await this.#refusals.sample(String(replicas), `  replicas: ${replicas}, `, async () => {
      const play = this.#playOf(replicas, seed);
      const sample = { round, seconds: play.seconds, ...await playSeen(play) };
      samples.push(sample);
      return `${(sample.good / sample.seconds).toFixed(1)} in time a second of ${play.ratePerSecond.toFixed(0)}, ${sample.late} of ${sample.offered} late, batches of ${sample.meanBatchRows.toFixed(1)}`;
    });
  }

  result(): ReplicasResult {
    const { at, capacityPerSecond, options } = this.#parts;
    const points = [...this.#samples].flatMap(([replicas, samples]) => (samples.length === 0 ? [] : [replicasPoint({ replicas, ratePerSecond: this.#rateOf(replicas) }, samples)]));
    const ratio = points.length === COUNTS.length ? ratioOf(points) : undefined;
    return { name: REPLICAS, title: WORKLOAD.title, controller: options.ours, ...at, capacityPerSecond, points, ...(ratio === undefined ? {} : { ratio }), refused: this.#refusals.words };
  }

  #rateOf(replicas: number): number {
    return LOAD * replicas * this.#parts.capacityPerSecond;
  }

  #playOf(replicas: number, seed: number): LivePlay {
    const { broker, pauses, options } = this.#parts;
    return {
      workload: WORKLOAD, broker, pauses, app: nameOf(replicas), ratePerSecond: this.#rateOf(replicas), seed,
      seconds: options.small ? options.seconds : SECONDS / options.rounds,
      maxLatenessMicros: options.small ? ANY_LATENESS_MICROS : options.latenessMs * 1000,
    };
  }
}
