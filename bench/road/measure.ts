import { batchesOf, meanBatch } from '../demo/batch-sizes.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { LoadReport } from '../load/report.ts';
import { runLoad } from '../load/run-load.ts';
import type { Contender } from './contenders.ts';
import type { Load } from './loads.ts';

/** Fewer answers of a model than this, and what was measured is not the road to it. */
const LEAST_MODEL_SHARE = 0.999;
/** Of the generator, which is a new process every time; an open loop has its schedule to keep from the first moment on. */
const WARMUP_SECONDS = { closed: 0.3, open: 1 };

export interface Drive {
  readonly contender: Contender;
  readonly load: Load;
  readonly connections: number;
  readonly seconds: number;
  readonly kind: LoadPlan['load'];
  readonly seed: number;
  /** Open loop: 1 % of the requests may leave so late. */
  readonly maxLatenessMicros?: number;
}

/** One run against one contender. */
export interface Sample {
  readonly contender: string;
  readonly load: string;
  /** CPU time of the server's process, user and system, all its threads, by the operating system's accounts. */
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  /** Of one core: how busy the server's process was. */
  readonly serverBusy: number;
  readonly generatorCpuMicrosPerRequest: number;
  readonly latencyMicros: LoadReport['latencyMicros'];
  readonly latenessP99Micros: number;
  /** Open loop: the share of the requests that found no connection free at their moment. */
  readonly waitedShare: number;
  readonly answers: number;
  /** Ours: mean rows of a batch. */
  readonly meanBatchRows?: number;
}

/**
 * Drives one contender and takes its measure. Rejects where an answer was wrong or missing, where too few came from a
 * model, and as `runLoad` does (an open loop that could not keep its schedule).
 */
export async function measure(drive: Drive): Promise<Sample> {
  const { contender, load, connections, seconds, kind, seed, maxLatenessMicros } = drive;
  const { url, pid, requests, model } = contender.serves(load);
  const before = model === undefined ? undefined : await batches(url, model);
  const warmupSeconds = WARMUP_SECONDS[kind.kind];
  const report = await runLoad({
    url, connections, seed, load: kind,
    source: { module: new URL('./float-source.ts', import.meta.url).href, options: requests },
    seconds: seconds + warmupSeconds, warmupSeconds, watchPids: [pid], mayWait: true,
    ...(maxLatenessMicros === undefined ? {} : { maxLatenessMicros }),
  });
  assertWorth(report, `${contender.name}, ${load.name}`);
  const [cpu] = report.watchedCpu;
  if (cpu === undefined) throw new Error('no CPU time was taken');
  return {
    contender: contender.name,
    load: load.name,
    cpuMicrosPerRequest: cpu.microsPerAnswer,
    requestsPerSecond: report.answersPerSecond,
    serverBusy: cpu.micros / (report.seconds * 1e6),
    generatorCpuMicrosPerRequest: report.generatorCpu.microsPerAnswer,
    latencyMicros: report.latencyMicros,
    latenessP99Micros: report.latenessMicros.p99,
    waitedShare: report.waitedForConnection / report.sent,
    answers: report.measured,
    ...(before === undefined || model === undefined ? {} : { meanBatchRows: meanBatch(before, await batches(url, model)) }),
  };
}

function assertWorth(report: LoadReport, of: string): void {
  const faulty = report.wrong + report.lost + report.unanswered + report.unsolicited;
  if (faulty > 0) throw new Error(`${of}: ${report.wrong} wrong, ${report.lost} lost, ${report.unanswered} unanswered, ${report.unsolicited} unasked: ${report.faults.join('; ')}`);
  const byModel = report.sources['model'] ?? 0;
  if (byModel < report.measured * LEAST_MODEL_SHARE || report.measured === 0) {
    throw new Error(`${of}: only ${byModel} of ${report.measured} answers came from a model (${JSON.stringify(report.reasons)}): not the road to one`);
  }
}

async function batches(url: string, model: string): Promise<ReturnType<typeof batchesOf>> {
  return batchesOf(await (await fetch(`${url}/metrics`)).text(), model);
}
