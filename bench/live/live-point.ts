import { cpuTicks, stolenShare, type CpuTicks } from '../../frontend/runtime/stolen-time.ts';
import { batchesOf, meanBatch } from '../demo/batch-sizes.ts';
import type { BrokerProcess } from '../demo/broker-process.ts';
import { readMetrics } from '../broker/metrics.ts';
import { gaps } from '../load/arrivals.ts';
import { ScheduleMissed } from '../load/generate.ts';
import { mostPausedMs, type Pauses } from '../load/pauses.ts';
import type { LoadPlan } from '../load/plan.ts';
import { random } from '../load/random.ts';
import type { LoadReport } from '../load/report.ts';
import { runLoad } from '../load/run-load.ts';
import { clairvoyantOnTime } from '../simulator/oracle/clairvoyant.ts';
import { MAX_ROWS } from './live-broker.ts';
import { lawMicros, type MeasuredLaw } from './measure-law.ts';
import type { Workload } from './workloads.ts';

/** Few are needed but where everything stops for some time, and then no request may wait for one. */
const CONNECTIONS = 1024;
/** Of the generator, a new process each time: nothing is measured until its code is compiled. */
const WARMUP_SECONDS = 2;
/** Where nothing counts, the generator may be as late as it likes, and the machine as busy. */
export const ANY_LATENESS_MICROS = 1e9;
/** A busy machine makes the generator late now and then; a rate that it cannot keep makes it late every time. */
const TRIES = 3;
/** Of all cores' time: where a hypervisor gives more of it to others, what was measured is of them. */
const MOST_STOLEN = 0.01;
/** Of any core's time: what comes while it stands still is late whoever decides, and no more than this may be late. */
const MOST_PAUSED = 0.001;

export interface LivePlay {
  readonly workload: Workload;
  readonly broker: BrokerProcess;
  /** Which is asked, and its model of the same name. */
  readonly app: string;
  readonly ratePerSecond: number;
  /** Measured, after the warm-up. */
  readonly seconds: number;
  readonly seed: number;
  /** How late 1 % of the requests may leave; past it the generator refuses to report. */
  readonly maxLatenessMicros: number;
  /** Where the system shows them. */
  readonly pauses: Pauses | undefined;
}

/** One app at one load, once, as the generator saw it. Counts are of the measured window. */
export interface SeenSample {
  readonly offered: number;
  /** Answers of the model that the generator saw within the SLO. */
  readonly good: number;
  /** Answers of any source that it saw later; those of them that it would have seen in time, had it sent the query at its moment; the worst. */
  readonly late: number;
  readonly lateByGenerator: number;
  readonly latest: LoadReport['latest'];
  readonly meanBatchRows: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly p99Micros: number;
  readonly latenessP99Micros: number;
  /** For how long a core stood still in pauses of 2 ms and more, warm-up included; absent where nobody could see it. */
  readonly pausedMs?: number;
  /** CPU time of the broker's process an answer. */
  readonly brokerMicrosPerAnswer: number;
}

/** One controller at one load, once, where one replica serves it. */
export interface LiveSample extends SeenSample {
  /** What the clairvoyant does with these arrivals under the measured law. */
  readonly oracle: number;
}

/** Plays as `playSeen` does, and reckons what the clairvoyant would have done with one replica. */
export async function playLive(play: LivePlay, law: MeasuredLaw): Promise<LiveSample> {
  const seen = await playSeen(play);
  const oracle = clairvoyantOnTime({ arrivalsMicros: measuredArrivals(play), sloMicros: play.workload.sloMs * 1000, lawMicros: (rows) => Math.floor(lawMicros(law, rows)), maxRows: MAX_ROWS });
  return { ...seen, oracle };
}

/**
 * Plays Poisson arrivals against one app, each at its moment whatever becomes of the others. Rejects where an answer was missing
 * or was no answer, and with `ScheduleMissed` where the generator itself was late.
 */
export async function playSeen(play: LivePlay): Promise<SeenSample> {
  const { broker, app } = play;
  const before = batchesOf(await readMetrics(broker.url), app);
  const { report, pausedMs } = await runOnTime(play);
  const after = batchesOf(await readMetrics(broker.url), app);
  const { wrong, lost, unanswered, unsolicited, faults } = report;
  if (wrong + lost + unanswered + unsolicited > 0) throw new Error(`${app}: ${lost + unanswered} without an answer, ${unsolicited} that nobody asked for, ${wrong} at fault: ${faults.join('; ')}`);
  const arrivals = measuredArrivals(play).length;
  if (report.measured !== arrivals) throw new Error(`${app}: ${report.measured} answers measured, ${arrivals} arrivals`);
  return {
    offered: report.measured, good: report.good, late: report.late, lateByGenerator: report.lateByGenerator, latest: report.latest,
    meanBatchRows: meanBatch(before, after), reasons: report.reasons, p99Micros: report.latencyMicros.p99,
    latenessP99Micros: report.latenessMicros.p99, ...(pausedMs !== undefined && { pausedMs }), brokerMicrosPerAnswer: report.watchedCpu[0]?.microsPerAnswer ?? 0,
  };
}

/** Plays as long as it takes for the app's controller to have learned; nothing is measured. */
export async function warmUp(play: LivePlay): Promise<void> {
  await runOnTime(play);
}

/** The moments at which the measured requests leave, in microseconds: what the generator draws from the same seed. */
export function measuredArrivals({ ratePerSecond, seconds, seed }: Pick<LivePlay, 'ratePerSecond' | 'seconds' | 'seed'>): Float64Array {
  const gap = gaps('poisson', ratePerSecond, random(seed));
  const arrivals: number[] = [];
  for (let at = gap(); at < (WARMUP_SECONDS + seconds) * 1e6; at += gap()) if (at >= WARMUP_SECONDS * 1e6) arrivals.push(Math.floor(at));
  return Float64Array.from(arrivals);
}

function planOf({ workload, broker, app, ratePerSecond, seconds, seed, maxLatenessMicros }: LivePlay): LoadPlan {
  return {
    url: broker.url,
    source: {
      module: new URL('../road/float-source.ts', import.meta.url).href,
      options: { ...workload.requests, host: new URL(broker.url).host, path: `/v1/apps/${app}/predict`, seed },
    },
    connections: CONNECTIONS, load: { kind: 'open', arrivals: 'poisson', ratePerSecond }, seconds: WARMUP_SECONDS + seconds, warmupSeconds: WARMUP_SECONDS,
    seed, sloMs: workload.sloMs, watchPids: [broker.pid], maxLatenessMicros, comesFirst: true,
  };
}

/** Again where the generator was late, or the machine not ours; the last time its refusal stands. */
async function runOnTime(play: LivePlay): Promise<{ readonly report: LoadReport; readonly pausedMs: number | undefined }> {
  const plan = planOf(play);
  for (let left = TRIES - 1; ; left--) {
    try {
      const before = await machineNow(play.pauses);
      const report = await runLoad(plan);
      const after = await machineNow(play.pauses);
      const pausedMs = before.paused && after.paused && mostPausedMs(before.paused, after.paused);
      if (play.maxLatenessMicros !== ANY_LATENESS_MICROS) holdStill(stolenShare(before.ticks, after.ticks), (pausedMs ?? 0) / ((WARMUP_SECONDS + play.seconds) * 1000));
      return { report, pausedMs };
    } catch (error) {
      if (!(error instanceof ScheduleMissed) || left === 0) throw error;
    }
  }
}

async function machineNow(pauses: Pauses | undefined): Promise<{ readonly ticks: CpuTicks; readonly paused: readonly number[] | undefined }> {
  return { ticks: cpuTicks(), paused: await pauses?.read() };
}

/** Throws where others on the same hardware took too much of the time. */
function holdStill(stolen: number, paused: number): void {
  if (stolen > MOST_STOLEN) throw new ScheduleMissed(`${(stolen * 100).toFixed(1)} % of the processors' time went to others on the same hardware`);
  if (paused > MOST_PAUSED) throw new ScheduleMissed(`a core stood still for ${(paused * 100).toFixed(2)} % of the time`);
}
