import { parseArgs } from 'node:util';
import { residentBytes } from './broker/rss.ts';
import { FuzzClient } from './fuzz/client.ts';
import { askControl, remains, startFuzzBroker } from './fuzz/fuzz-broker.ts';
import { scenario, type Scenario } from './fuzz/scenario.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Hostile and mutated requests at every door of a broker with poisoned slabs, over many connections.

  node bench/fuzz.ts --requests 1000000 --seed 7

  --requests N      ends after so many; 20000 unless given
  --seed N          drawn and printed unless given
  --from I          begins at scenario I: replays one that is printed at fault, with --requests 1
  --connections N   64 unless given
  --json FILE       writes the result there; - is standard output

Exit code 1 where anything was wrong.
`;
/** Stalled requests are cut off by the broker after 2 s. */
const HANG_MS = 15_000;
const MAX_FAULTS = 5;
/** In its second half a run may raise the broker's memory by so much: by then every pool has what it needs. */
const GROWTH = { share: 0.1, mb: 32 };
/** In fewer requests the process is still on its way to the size that it keeps. */
const GROWN_REQUESTS = 200_000;
const TENTHS = 10;
const PRINTED_BYTES = 2000;

interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly from: number;
  readonly connections: number;
}

interface FuzzResult {
  readonly scenarios: number;
  readonly requests: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  /** Resident memory of the broker at each tenth of the run. */
  readonly residentMb: readonly number[];
}

async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const broker = await startFuzzBroker();
  try {
    const { targets, control } = await askControl(broker.url);
    const run = { next: options.from, requests: 0, statuses: new Map<number, number>(), faults: [] as string[], residentMb: [] as number[] };
    const port = Number(new URL(broker.url).port);
    const startedAt = Date.now();
    const tick = (): void => {
      if (run.requests < (options.requests * (run.residentMb.length + 1)) / TENTHS || run.residentMb.length >= TENTHS) return;
      run.residentMb.push(Math.round(residentBytes(broker.pid) / 2 ** 20));
      say(`${run.requests} requests, ${Math.round(run.requests / Math.max(0.001, (Date.now() - startedAt) / 1000))}/s, ${run.residentMb.at(-1)} MB resident, ${run.faults.length} faults`);
    };
    const worker = async (): Promise<void> => {
      const client = new FuzzClient({ port, control, hangMs: HANG_MS });
      while (run.requests < options.requests && run.faults.length < MAX_FAULTS) {
        const played = scenario(options.seed, run.next++, targets);
        run.requests += played.requests;
        const { fault, statuses } = await client.play(played);
        for (const status of statuses) run.statuses.set(status, (run.statuses.get(status) ?? 0) + 1);
        if (fault !== undefined) run.faults.push(tellFault(played, fault, options));
        tick();
      }
      client.close();
    };
    await Promise.all(Array.from({ length: options.connections }, worker));
    run.faults.push(...await atTheEnd(broker.url, run.requests < GROWN_REQUESTS ? [] : run.residentMb));
    return {
      scenarios: run.next - options.from, requests: run.requests, seconds: (Date.now() - startedAt) / 1000,
      statuses: Object.fromEntries([...run.statuses].toSorted(([a], [b]) => a - b)), faults: run.faults, residentMb: run.residentMb,
    };
  } finally {
    await broker.stop();
  }
}

function tellFault(played: Scenario, fault: string, { seed }: FuzzOptions): string {
  const bytes = Buffer.concat(played.pieces);
  const text = `scenario ${played.index} (${played.title}, ${played.ending}): ${fault}`;
  say(`${text}\n  replay: node bench/fuzz.ts --seed ${seed} --from ${played.index} --requests 1\n  input (${bytes.length} bytes): ${JSON.stringify(bytes.toString('latin1', 0, PRINTED_BYTES))}`);
  return text;
}

/** The broker must be there, hold nothing, have lost no replica, and not have grown (`residentMb`: after each tenth; empty: not judged). */
async function atTheEnd(url: string, residentMb: readonly number[]): Promise<readonly string[]> {
  const faults: string[] = [];
  try {
    await askControl(url);
    const left = await remains(url);
    if (left.openQueries > 0) faults.push(`${left.openQueries} queries are open though nobody asks any more`);
    if (left.slabBytes > 0) faults.push(`${left.slabBytes} bytes of slabs are held though nobody asks any more`);
    if (left.replicaDeaths > 0) faults.push(`${left.replicaDeaths} replicas died`);
  } catch (error) {
    faults.push(`the broker does not serve any more: ${error instanceof Error ? error.message : String(error)}`);
  }
  const half = residentMb[TENTHS / 2 - 1];
  const last = residentMb[TENTHS - 1];
  if (half !== undefined && last !== undefined && last > half * (1 + GROWTH.share) + GROWTH.mb) faults.push(`memory grew from ${half} to ${last} MB in the second half`);
  for (const fault of faults) say(fault);
  return faults;
}

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' }, seed: { type: 'string' }, from: { type: 'string', default: '0' },
    connections: { type: 'string', default: '64' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const options = { requests: Number(values.requests), seed, from: Number(values.from), connections: Number(values.connections) };
  say(`fuzzing with seed ${seed}`);
  try {
    const result = await fuzz(options);
    writeResult(values.json, { bench: 'fuzz', seed, parameters: { requests: options.requests, connections: options.connections }, result });
    say(`seed ${seed}: ${result.requests} requests in ${result.seconds.toFixed(0)} s, ${JSON.stringify(result.statuses)}, ${result.faults.length} faults`);
    process.exitCode = result.faults.length === 0 ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
