import { parseArgs } from 'node:util';
import { atTheEnd, Residence } from './fuzz/at-the-end.ts';
import { FuzzClient } from './fuzz/client.ts';
import { askControl, startFuzzBroker } from './fuzz/fuzz-broker.ts';
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
    const run = { next: options.from, requests: 0, statuses: new Map<number, number>(), faults: [] as string[] };
    const residence = new Residence(broker.pid, options.requests);
    const port = Number(new URL(broker.url).port);
    const startedAt = Date.now();
    const worker = async (): Promise<void> => {
      const client = new FuzzClient({ port, control, hangMs: HANG_MS });
      while (run.requests < options.requests && run.faults.length < MAX_FAULTS) {
        const played = scenario(options.seed, run.next++, targets);
        run.requests += played.requests;
        const { fault, statuses } = await client.play(played);
        for (const status of statuses) run.statuses.set(status, (run.statuses.get(status) ?? 0) + 1);
        if (fault !== undefined) run.faults.push(tellFault(played, fault, options));
        residence.look(run.requests, run.faults.length);
      }
      client.close();
    };
    await Promise.all(Array.from({ length: options.connections }, worker));
    run.faults.push(...await atTheEnd(broker.url, residence));
    return {
      scenarios: run.next - options.from, requests: run.requests, seconds: (Date.now() - startedAt) / 1000,
      statuses: Object.fromEntries([...run.statuses].toSorted(([a], [b]) => a - b)), faults: run.faults, residentMb: residence.mb,
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
