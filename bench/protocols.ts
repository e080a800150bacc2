import { Client, credentials } from '@grpc/grpc-js';
import { parseArgs } from 'node:util';
import { Calm } from './load/calm.ts';
import { runLoad } from './load/run-load.ts';
import { startBareGrpc } from './protocols/bare-grpc.ts';
import { startProtocolBroker } from './protocols/broker.ts';
import type { Contender, Started } from './protocols/contender.ts';
import { runGrpcLoad } from './protocols/grpc-load.ts';
import { inputRows } from './protocols/inputs.ts';
import { nativeContenders } from './protocols/native-rows.ts';
import { INFER_PATH, inferMessage, oipContenders } from './protocols/oip-rows.ts';
import { protocolsTable, type ProtocolRow } from './protocols/result.ts';
import { saturationOf, type Saturation } from './protocols/saturation.ts';
import { tfsContenders } from './protocols/tfs-rows.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `What the protocols of others cost in CPU of the broker, beside our own roads and a bare gRPC server, in one interleaved run.

  node bench/protocols.ts [flags]

  --rounds N         rounds that count, after one of warm-up; 5 unless given
  --seconds S        of each measurement; 3 unless given
  --connections N    of the closed loop; 32 unless given
  --repeats N        30 unless given; so many measurements at most are taken again because others had the processors meanwhile
  --only NAMES       contenders; all unless given
  --seed N           of inputs; 1 unless given
  --small            a size that takes seconds, to see that it runs: its figures mean nothing, and no bar is held
  --json FILE        writes the result there; - is standard output
  --profile DIR      has V8 write a CPU profile of the broker there (which costs the broker CPU)

Exit code 1 where a figure misses its bar, 2 where nothing could be measured.
`;
const WARMUP_SECONDS = 0.3;
/** Connections of the gRPC generator: each carries its share of the calls. With 8 calls on each, a server is busy nine tenths of the time and more; the table says. */
const GRPC_CONNECTIONS = 4;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, connections: { type: 'string', default: '32' }, repeats: { type: 'string', default: '30' }, only: { type: 'string' },
    seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, profile: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

interface Sample {
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
}

async function measure({ over, pid }: Contender, { seconds, connections, seed }: { seconds: number; connections: number; seed: number }): Promise<Sample> {
  if (over.kind === 'grpc') {
    const { answers, cpuMicros, seconds: spent } = await runGrpcLoad({ ...over, connections: GRPC_CONNECTIONS, calls: Math.max(1, Math.round(connections / GRPC_CONNECTIONS)), seconds, warmupSeconds: WARMUP_SECONDS, watchPid: pid });
    return { cpuMicrosPerRequest: cpuMicros / answers, requestsPerSecond: answers / spent };
  }
  const report = await runLoad({ url: over.url, source: over.source, connections, seed, load: { kind: 'closed' }, seconds: seconds + WARMUP_SECONDS, warmupSeconds: WARMUP_SECONDS, watchPids: [pid] });
  const [cpu] = report.watchedCpu;
  if (cpu === undefined || report.wrong + report.lost + report.unanswered > 0) throw new Error(`not measured: ${report.faults.join('; ')}`);
  return { cpuMicrosPerRequest: cpu.microsPerAnswer, requestsPerSecond: report.answersPerSecond };
}

/** The bytes that the broker answers to one request: what the bare server is to send. */
function answerOf({ grpc, app, features, seed }: Started): Promise<Buffer> {
  const client = new Client(grpc, credentials.createInsecure());
  const [row] = inputRows(features, seed);
  const asItIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(INFER_PATH, asItIs, asItIs, inferMessage(app, row ?? new Float32Array(), features), (error, answer) => {
      client.close();
      if (error === null && answer !== undefined) resolve(answer);
      else reject(error ?? new Error('no answer'));
    });
  });
}

async function run({ rounds, seconds, connections, seed, only }: { rounds: number; seconds: number; connections: number; seed: number; only: readonly string[] | undefined }, calm: Calm): Promise<readonly ProtocolRow[]> {
  const broker = await startProtocolBroker(seed, values.profile);
  const bare = await startBareGrpc(INFER_PATH, await answerOf(broker));
  try {
    const oip = oipContenders(broker);
    const over = oip.find(({ name }) => name === 'oip-grpc')?.over;
    if (over?.kind !== 'grpc') throw new Error('no gRPC contender');
    const ours = [...nativeContenders(broker), ...oip, ...tfsContenders(broker)].map((contender) => ({ ...contender, metricsUrl: broker.url }));
    const all: readonly Contender[] = [...ours, { name: 'bare-grpc', title: 'bare gRPC, the same bytes', pid: bare.pid, rows: 1, over: { ...over, address: bare.address } }];
    const contenders = all.filter(({ name }) => only === undefined || only.includes(name));
    const samples: Map<string, Sample & Saturation>[] = [];
    for (let round = values.small ? 1 : 0; round <= rounds; round++) {
      const taken = new Map<string, Sample & Saturation>();
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(turn + round) % contenders.length] as Contender;
        // So many large requests at once would be more rows than may wait.
        const sampled = () => saturationOf(contender, () => measure(contender, { seconds, connections: contender.rows > 1 ? 4 : connections, seed: seed + round }));
        const sample = await (round === 0 ? sampled() : calm.play(sampled));
        taken.set(contender.name, sample);
        say(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}  ${contender.name.padEnd(16)} ${sample.cpuMicrosPerRequest.toFixed(1).padStart(8)} µs CPU/request  ${sample.requestsPerSecond.toFixed(0).padStart(6)}/s  ${((sample.busyShare ?? NaN) * 100).toFixed(0).padStart(3)} % busy  ${sample.batchRows?.toFixed(1) ?? ''}`);
      }
      if (round > 0) samples.push(taken);
    }
    return contenders.map((contender) => summary(contender, samples));
  } finally {
    await bare.stop();
    await broker.stop();
  }
}

function summary({ name, title, rows, bar }: Contender, samples: readonly ReadonlyMap<string, Sample & Saturation>[]): ProtocolRow {
  const medianOf = (key: keyof Sample | keyof Saturation): number => median(samples.map((round) => round.get(name)?.[key] ?? NaN));
  const [cpu, busyShare, batchRows] = [medianOf('cpuMicrosPerRequest'), medianOf('busyShare'), medianOf('batchRows')];
  const row = {
    contender: name, title, cpuMicrosPerRequest: cpu, cpuMicrosPerRow: cpu / rows, requestsPerSecond: medianOf('requestsPerSecond'),
    ...(Number.isNaN(busyShare) ? {} : { busyShare }), ...(Number.isNaN(batchRows) ? {} : { batchRows }),
  };
  if (bar === undefined) return row;
  if ('microsPerRow' in bar) return { ...row, bar: bar.microsPerRow, pass: cpu / rows <= bar.microsPerRow };
  const ratios = samples.map((round) => (round.get(name)?.cpuMicrosPerRequest ?? NaN) / (round.get(bar.against)?.cpuMicrosPerRequest ?? NaN));
  const ratio = { against: bar.against, median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) };
  return { ...row, ratio, bar: bar.most, pass: ratio.median <= bar.most };
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const parameters = { rounds: values.small ? 1 : Number(values.rounds), seconds: values.small ? 0.4 : Number(values.seconds), connections: Number(values.connections) };
  const seed = Number(values.seed);
  try {
    const calm = new Calm({ repeats: values.small ? 0 : Number(values.repeats), say });
    const rows = await run({ ...parameters, seed, only: values.only?.split(',') }, calm);
    say(`\n${textTable(protocolsTable(rows))}`);
    writeResult(values.json, { bench: 'protocols', seed, stolen: calm.stolen, parameters, result: { rows } });
    process.exitCode = !values.small && rows.some(({ pass }) => pass === false) ? 1 : 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
