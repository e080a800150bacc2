import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readMetrics } from './broker/metrics.ts';
import { batchesOf } from './demo/batch-sizes.ts';
import { startBroker, waitUntilReady, type BrokerProcess } from './demo/broker-process.ts';
import { FOREIGN_KINDS, FOREIGN_MODELS, findForeign, startForeign, type ForeignKind, type ForeignServer } from './foreign/foreign-server.ts';
import { BEHIND, foreignTable, type Contender, type ForeignPair, type ForeignResult } from './foreign/result.ts';
import type { LoadReport } from './load/report.ts';
import { runLoad } from './load/run-load.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `A server of somebody else behind the broker against the same server called directly: rows a second over HTTP, the
same connections, the same model (64 numbers, JSON), in turns. The server has the model twice: in one setting it waits for
more rows, as who asks it directly wants it, in the other it does not, as the broker has gathered them. Behind the broker the
second is held against the better of the two without it.

  node bench/foreign.ts --server triton,mlserver

  --server NAMES    of ${FOREIGN_KINDS.join(', ')}, separated by commas; all that bench/foreign/install.sh has put here unless given
  --wire WORD       how the broker calls it: grpc (unless given) or http
  --in-flight N     batches that the server has at a time; 2 unless given: while it waits for more or answers one, it has the next
  --connections N   32 unless given
  --rounds N        5 unless given
  --seconds N       of each contender in a round; 3 unless given
  --seed N          of the inputs; 1 unless given
  --small           a size that takes seconds, to see that it runs: no bar is held, and no server is no fault
  --json FILE       writes the result there; - is standard output

Exit code 1 where a server behind the broker gave fewer rows a second than without, 2 where nothing could be measured.
`;
const FEATURES = 64;
const SMALL = Object.freeze({ rounds: 1, seconds: 1 });
/** What is measured is rows a second: no row is to be let go. */
const SLO_MS = 5000;
/** As Triton's model waits for others in the setting that does; MLServer's waits twice that. */
const MAX_DELAY_MS = 0.5;
const BAR = 1;

interface Options {
  readonly wire: 'grpc' | 'http';
  readonly inFlight: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
}

async function measure(kind: ForeignKind, options: Options): Promise<ForeignResult> {
  const server = await startForeign(kind);
  try {
    const broker = await startBehind(server, options);
    try {
      return await compare(kind, server, broker, options);
    } finally {
      await broker.stop();
    }
  } finally {
    await server.kill9();
  }
}

async function compare(server: ForeignKind, foreign: ForeignServer, broker: BrokerProcess, options: Options): Promise<ForeignResult> {
  const pids = foreign.pids();
  const runs = FOREIGN_MODELS.map((model) => ({ model, direct: [] as LoadReport[], behind: [] as LoadReport[] }));
  const playRound = async (seed: number): Promise<void> => {
    for (const { model, direct, behind } of runs) {
      direct.push(await load(foreign.http, { module: './foreign/oip-source.ts', path: `/v2/models/${model}/infer`, seed, pids, options }));
      behind.push(await load(broker.url, { module: './road/float-source.ts', path: `/v1/apps/${model}/predict`, seed, pids: [...pids, broker.pid], options }));
    }
  };
  await playRound(options.seed);
  // It does not count: Python's and V8's code is not yet what it will be.
  for (const { direct, behind } of runs) direct.length = behind.length = 0;
  for (let round = 0; round < options.rounds; round++) {
    await playRound(options.seed + 1 + round);
    say(`${server}, round ${round + 1}: ${runs.map(({ model, direct, behind }) => `${model} ${direct.at(-1)?.answersPerSecond.toFixed(0)} rows/s directly, ${behind.at(-1)?.answersPerSecond.toFixed(0)} behind the broker`).join('; ')}`);
  }
  const metrics = await readMetrics(broker.url);
  const best = Array.from({ length: options.rounds }, (_, round) => Math.max(...runs.map(({ direct }) => direct[round]?.answersPerSecond ?? NaN)));
  const pairs = runs.map(({ model, direct, behind }): ForeignPair => {
    const { rows, batches } = batchesOf(metrics, model);
    const ratio = median(behind.map(({ answersPerSecond }, round) => answersPerSecond / (best[round] ?? NaN)));
    return { model, direct: summary(direct, pids), behind: summary(behind, pids), meanBatchRows: rows / batches, ratio };
  });
  return { server, pairs, bar: BAR, pass: pairs.some(({ model, ratio }) => model === BEHIND && ratio >= BAR) };
}

interface Load {
  readonly module: string;
  readonly path: string;
  readonly seed: number;
  readonly pids: readonly number[];
  readonly options: Options;
}

async function load(url: string, { module, path, seed, pids, options }: Load): Promise<LoadReport> {
  const report = await runLoad({
    url, connections: options.connections, load: { kind: 'closed' }, seconds: options.seconds, warmupSeconds: options.seconds / 4, seed, watchPids: pids,
    source: { module: new URL(module, import.meta.url).href, options: { host: new URL(url).host, path, form: 'json', features: FEATURES, digits: 7, seed } },
  });
  if (report.wrong + report.lost + report.unanswered > 0) throw new Error(`${report.wrong} wrong, ${report.lost} lost, ${report.unanswered} unanswered: ${report.faults.join('; ')}`);
  return report;
}

function summary(reports: readonly LoadReport[], serverPids: readonly number[]): Contender {
  const of = (read: (report: LoadReport) => number): number => median(reports.map(read));
  const cpu = (server: boolean): number => of(({ watchedCpu }) => watchedCpu.filter(({ pid }) => serverPids.includes(pid) === server).reduce((sum, { microsPerAnswer }) => sum + microsPerAnswer, 0));
  return {
    rowsPerSecond: of(({ answersPerSecond }) => answersPerSecond), p50Micros: of(({ latencyMicros }) => latencyMicros.p50), p99Micros: of(({ latencyMicros }) => latencyMicros.p99),
    serverMicrosPerRow: cpu(true), brokerMicrosPerRow: cpu(false),
  };
}

async function startBehind(server: ForeignServer, { wire, inFlight }: Options): Promise<BrokerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-foreign-'));
  try {
    const file = join(folder, 'tradewind.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({
      models: FOREIGN_MODELS.map((name) => ({
        name, version: 1, container: { oip: server[wire], model: name, max_in_flight: inFlight }, output: { kind: 'raw' },
        batching: { max_batch: 64, max_delay_ms: MAX_DELAY_MS }, slo_ms: SLO_MS,
      })),
      apps: FOREIGN_MODELS.map((name) => ({ name, arms: [name], policy: 'static', slo_ms: SLO_MS, on_miss: 'error' })),
    }));
    const broker = await startBroker(file);
    await waitUntilReady(broker.url);
    return broker;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    server: { type: 'string' }, wire: { type: 'string', default: 'grpc' }, 'in-flight': { type: 'string', default: '2' }, connections: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const here = FOREIGN_KINDS.filter((kind) => findForeign(kind) !== undefined);
  const kinds = values.server === undefined ? here : FOREIGN_KINDS.filter((kind) => values.server?.split(',').includes(kind));
  if (kinds.length === 0) {
    say('no foreign server is on this machine: bench/foreign/install.sh');
    return values.small ? 0 : 2;
  }
  const options: Options = {
    wire: values.wire === 'http' ? 'http' : 'grpc', inFlight: Number(values['in-flight']), connections: Number(values.connections), seed: Number(values.seed),
    ...(values.small ? SMALL : { rounds: Number(values.rounds), seconds: Number(values.seconds) }),
  };
  const results: ForeignResult[] = [];
  for (const kind of kinds) {
    const result = await measure(kind, options);
    results.push(result);
    say(textTable(foreignTable([result])));
  }
  writeResult(values.json, { bench: 'foreign', seed: options.seed, parameters: { ...options, small: values.small }, result: results });
  return values.small || results.every(({ pass }) => pass) ? 0 : 1;
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
