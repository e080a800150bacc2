import { parseArgs } from 'node:util';
import { freePort } from './broker/free-port.ts';
import { atTheEnd, Residence } from './fuzz/at-the-end.ts';
import { startFuzzBroker } from './fuzz/fuzz-broker.ts';
import { GrpcFuzzClient } from './fuzz/grpc-client.ts';
import { judgeCall } from './fuzz/grpc-judge.ts';
import { grpcScenario, type GrpcScenario, type GrpcTargets } from './fuzz/grpc-scenario.ts';
import { grpcAsks } from './fuzz/grpc-seeds.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Hostile and mutated calls at the gRPC door of a broker with poisoned slabs, over many connections.

  node bench/fuzz-grpc.ts --calls 1000000 --seed 7

  --calls N         ends after so many; 20000 unless given
  --seed N          drawn and printed unless given
  --from I          begins at call I: replays one that is printed at fault, with --calls 1
  --connections N   32 unless given
  --json FILE       writes the result there; - is standard output

Exit code 1 where anything was wrong.
`;
const HANG_MS = 15_000;
const MAX_FAULTS = 5;
const PRINTED_BYTES = 2000;
/** A label as the last bytes of an answer: eight little-endian bytes in raw contents. */
const LABEL_BYTES = 8;

interface FuzzOptions {
  readonly calls: number;
  readonly seed: number;
  readonly from: number;
  readonly connections: number;
}

interface FuzzResult {
  readonly calls: number;
  readonly seconds: number;
  /** By gRPC status; `none` where the caller went before there was one. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly residentMb: readonly number[];
}

async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const address = `127.0.0.1:${await freePort()}`;
  const broker = await startFuzzBroker(address);
  try {
    const targets = await targetsOf(broker.url);
    const isControl = await controlOf(address, options.seed, targets);
    const residence = new Residence(broker.pid, options.calls);
    const run = { next: options.from, done: 0, statuses: new Map<string, number>(), faults: [] as string[] };
    const startedAt = Date.now();
    const worker = async (): Promise<void> => {
      const client = new GrpcFuzzClient({ address, hangMs: HANG_MS });
      while (run.next < options.from + options.calls && run.faults.length < MAX_FAULTS) {
        const played = grpcScenario(options.seed, run.next++, targets);
        const outcome = await client.play(played);
        const status = String(outcome.code ?? 'none');
        run.statuses.set(status, (run.statuses.get(status) ?? 0) + 1);
        const fault = judgeCall(outcome, played, isControl);
        if (fault !== undefined) run.faults.push(tellFault(played, fault, options));
        residence.look(++run.done, run.faults.length);
      }
      client.close();
    };
    await Promise.all(Array.from({ length: options.connections }, worker));
    run.faults.push(...await atTheEnd(broker.url, residence));
    return { calls: run.done, seconds: (Date.now() - startedAt) / 1000, statuses: Object.fromEntries([...run.statuses].toSorted(([a], [b]) => Number(a) - Number(b))), faults: run.faults, residentMb: residence.mb };
  } finally {
    await broker.stop();
  }
}

async function targetsOf(url: string): Promise<GrpcTargets> {
  const { inputs: [input] } = (await (await fetch(`${url}/v2/models/eight`)).json()) as { inputs: { name: string }[] };
  if (input === undefined) throw new Error('the model has no input');
  return { ...grpcAsks(input.name), input: input.name };
}

/** What tells the answer to the control question, asked while nothing else goes on: the label at its end. */
async function controlOf(address: string, seed: number, targets: GrpcTargets): Promise<(body: Buffer) => boolean> {
  const client = new GrpcFuzzClient({ address, hangMs: HANG_MS });
  let at = 0;
  while (!grpcScenario(seed, at, targets).control) at++;
  const { code, text, body } = await client.play(grpcScenario(seed, at, targets));
  client.close();
  if (code !== 0) throw new Error(`no model answers the control call: ${code ?? 'no status'} ${text ?? ''}`);
  const label = body.subarray(-LABEL_BYTES);
  return (other) => other.length > LABEL_BYTES && label.equals(other.subarray(-LABEL_BYTES));
}

function tellFault({ index, title, ending, headers, pieces }: GrpcScenario, fault: string, { seed }: FuzzOptions): string {
  const text = `call ${index} (${title}, ${ending}): ${fault}`;
  say(`${text}\n  replay: node bench/fuzz-grpc.ts --seed ${seed} --from ${index} --calls 1\n  headers: ${JSON.stringify(headers)}\n  bytes: ${Buffer.concat(pieces).toString('base64').slice(0, PRINTED_BYTES)}`);
  return text;
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' }, seed: { type: 'string' }, from: { type: 'string', default: '0' },
    connections: { type: 'string', default: '32' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const options = { calls: Number(values.calls), seed, from: Number(values.from), connections: Number(values.connections) };
  say(`fuzzing the gRPC door with seed ${seed}`);
  try {
    const result = await fuzz(options);
    writeResult(values.json, { bench: 'fuzz-grpc', seed, parameters: { calls: options.calls, connections: options.connections }, result });
    say(`seed ${seed}: ${result.calls} calls in ${result.seconds.toFixed(0)} s, ${JSON.stringify(result.statuses)}, ${result.faults.length} faults`);
    process.exitCode = result.faults.length === 0 ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
