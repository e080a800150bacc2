import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { metricSum, readMetrics } from '../broker/metrics.ts';
import { readyReplicas } from '../broker/ready-replicas.ts';
import { startBroker, type BrokerProcess } from '../demo/broker-process.ts';
import { startForeign, type ForeignKind, type ForeignServer } from '../foreign/foreign-server.ts';
import type { ModelKind } from '../kinds/model-kinds.ts';
import type { Calm } from '../load/calm.ts';
import { preferGenerators } from '../load/prefer-generators.ts';
import type { LoadReport } from '../load/report.ts';
import { runLoad } from '../load/run-load.ts';
import { say } from '../report/write.ts';
import { judged, type KillsOfKind } from './result.ts';

const REPLICAS = 4;
const CONNECTIONS = 64;
/** Of the open loop at most: what waits while a replica is found dead must not keep others from being sent. */
const OPEN_CONNECTIONS = 4096;
/** What is sent first is not counted: a broker that takes thousands of connections at once does nothing else for some 100 ms. */
const WARMUP_SECONDS = 1;
/** What the open loop, which waits for its moments turn by turn on a core of its own, leaves of the closed loop's capacity. */
const OPEN_SHARE = (availableParallelism() - 1) / availableParallelism();
const READY = { model: 'm', count: REPLICAS, limitMs: 120_000 };

export interface KillOptions {
  readonly kills: number;
  /** Of each kill: before it and after it the load runs for half of them. */
  readonly seconds: number;
  readonly load: number;
  readonly sloMs: number;
  readonly seed: number;
  /** Of the generator: on two cores with a framework starting beside it, it is late at times. What it does late it counts from the intended moment. */
  readonly maxLatenessMicros: number;
}

/** Four replicas of one kind behind a broker, and how one of them is killed. */
interface Four {
  readonly broker: BrokerProcess;
  readonly features: number;
  /** Kills one, the `turn`th. */
  readonly killOne: (turn: number) => Promise<void>;
}

/** Kills one of four replicas of the kind after the other, each under load, and waits until there are four again. */
export async function killReplicas(kind: ModelKind, options: KillOptions, calm: Calm): Promise<KillsOfKind> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-kills-'));
  try {
    const broker = await startBroker(written(folder, { replicas: REPLICAS, ...kind.make(folder) }, options.sloMs));
    // In turn: one that dies again and again is in a crash loop.
    const killOne = async (turn: number): Promise<void> => {
      const victim = (await readyReplicas(broker.url, READY))[turn % REPLICAS];
      if (victim === undefined) throw new Error('no replica has a process');
      process.kill(victim, 'SIGKILL');
    };
    return await play(kind.name, { broker, features: kind.row.length, killOne }, options, calm);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Four servers of somebody else, of which one is killed. Nobody starts it again, so that there is one kill, however calm it is. */
export async function killServer(kind: ForeignKind, options: KillOptions): Promise<KillsOfKind> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-kills-'));
  const servers: ForeignServer[] = [];
  try {
    for (let i = 0; i < REPLICAS; i++) servers.push(await startForeign(kind));
    const broker = await startBroker(written(folder, { container: { oip: servers.map(({ grpc }) => grpc), model: 'linear' }, output: { kind: 'raw' } }, options.sloMs));
    const killOne = async (): Promise<void> => {
      await servers[0]?.kill9();
    };
    return await play(kind, { broker, features: 64, killOne }, { ...options, kills: 1 });
  } finally {
    await Promise.all(servers.map((server) => server.kill9()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function written(folder: string, model: object, sloMs: number): string {
  const file = join(folder, 'tradewind.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ models: [{ name: 'm', version: 1, ...model }], apps: [{ name: 'm', arms: ['m'], policy: 'static', slo_ms: sloMs, output: 'raw', default: -1 }] }));
  return file;
}

async function play(kind: string, { broker, features, killOne }: Four, options: KillOptions, calm?: Calm): Promise<KillsOfKind> {
  // Not before: broker and containers are to have the priority that they always have.
  const giveBack = preferGenerators(say);
  try {
    await readyReplicas(broker.url, READY);
    const send = (load: Parameters<typeof runLoad>[0]['load'], seed: number): Promise<LoadReport> => runLoad({
      url: broker.url, connections: load.kind === 'closed' ? CONNECTIONS : OPEN_CONNECTIONS, load, seconds: WARMUP_SECONDS + options.seconds, warmupSeconds: WARMUP_SECONDS, seed, maxLatenessMicros: options.maxLatenessMicros,
      source: { module: new URL('../road/float-source.ts', import.meta.url).href, options: { host: new URL(broker.url).host, path: '/v1/apps/m/predict', form: 'json', features, digits: 7, seed } },
    });
    const { answersPerSecond } = await send({ kind: 'closed' }, options.seed);
    const ratePerSecond = Math.max(1, Math.floor(answersPerSecond * options.load * OPEN_SHARE));
    const counting: LoadReport[] = [];
    const all: LoadReport[] = [];
    let turn = 0;
    const round = async (): Promise<LoadReport> => {
      if (turn > 0) await readyReplicas(broker.url, READY);
      const [report] = await Promise.all([
        send({ kind: 'open', arrivals: 'poisson', ratePerSecond }, options.seed + 1 + turn),
        delay((WARMUP_SECONDS + options.seconds / 2) * 1000).then(() => killOne(turn++)),
      ]);
      all.push(report);
      return report;
    };
    for (let kill = 0; kill < options.kills; kill++) counting.push(await (calm === undefined ? round() : calm.play(round)));
    const metrics = await readMetrics(broker.url);
    const batchMs = (1000 * metricSum(metrics, 'tradewind_batch_service_seconds_sum')) / metricSum(metrics, 'tradewind_batch_service_seconds_count');
    return judged({ kind, kills: options.kills, ratePerSecond, load: options.load, sloMs: options.sloMs, batchMs, ...counted(counting, all) });
  } finally {
    giveBack();
    await broker.stop();
  }
}

/** Queries without an answer and errors count in `all` that was played, what was late only in the calm ones. */
function counted(calm: readonly LoadReport[], all: readonly LoadReport[]): Pick<KillsOfKind, 'sent' | 'unanswered' | 'errors' | 'defaults' | 'reasons'> {
  const sum = (of: (report: LoadReport) => number, reports = calm): number => reports.reduce((total, report) => total + of(report), 0);
  const reasons: Record<string, number> = {};
  for (const report of calm) for (const [reason, count] of Object.entries(report.reasons)) if (reason !== '') reasons[reason] = (reasons[reason] ?? 0) + count;
  return { sent: sum(({ measured }) => measured), unanswered: sum(({ lost, unanswered }) => lost + unanswered, all), errors: sum(({ wrong }) => wrong, all), defaults: sum(({ sources }) => sources['default'] ?? 0), reasons };
}
