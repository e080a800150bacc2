import { parseArgs } from 'node:util';
import { readHeldout } from './demo/digits.ts';
import { Calm } from './load/calm.ts';
import type { Contender } from './peers/contender.ts';
import { CONTENDERS, MAX_IN_FLIGHT, missing, startContender, type ContenderName } from './peers/contenders.ts';
import { treeCpuMicros } from './peers/process-tree.ts';
import { againstTriton, BARS, peersTable, ratiosTable, type PeerRow } from './peers/result.ts';
import { runWrk, type WrkReport } from './peers/wrk.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `The broker with its ONNX container beside servers of others: the demo's logistic regression, 64 numbers in JSON a request, one
row each, closed loop by wrk, everything on this machine. The contenders take turns; each has to give the right labels first.
CPU is of all processes of a contender.

  node bench/peers.ts [flags]

  --contenders NAMES  of ${CONTENDERS.join(',')}; all that this machine has unless given
  --connections N     32 unless given
  --rounds N          5 unless given; medians
  --seconds N         of each contender in a round; 5 unless given, after as many to warm up, and a third of it alone on one connection
  --repeats N         12 unless given; so many rounds at most are played again because others had the processors meanwhile
  --small             a size that takes seconds, to see that it runs: no bar is held
  --json FILE         writes the result there; - is standard output

Exit code 1 where the broker misses a bar against Triton, 2 where nothing could be measured.
`;
const SMALL = Object.freeze({ rounds: 1, seconds: 1, repeats: 0 });
const BODIES = 64;
interface Run {
  readonly name: string;
  readonly together: WrkReport;
  readonly cpuMicrosPerRequest: number;
  readonly lone: WrkReport;
  readonly processes: number;
}
async function measure(contender: Contender, { connections, seconds }: { readonly connections: number; readonly seconds: number }): Promise<Run> {
  const { rows } = readHeldout();
  const bodies = rows.slice(0, BODIES).map((row) => contender.body(row));
  // As long as what is measured: code that is compiled while it runs is not yet what it will be.
  await runWrk(contender.url, bodies, { connections, seconds });
  const pids = contender.pids();
  const before = treeCpuMicros(pids);
  const together = await runWrk(contender.url, bodies, { connections, seconds });
  const cpu = treeCpuMicros(pids) - before;
  const lone = await runWrk(contender.url, bodies, { connections: 1, seconds: Math.max(1, Math.round(seconds / 3)) });
  return { name: contender.name, together, cpuMicrosPerRequest: cpu / together.requests, lone, processes: pids.length };
}

/** All must answer alike, or the figures mean nothing. */
async function labelsOf(contender: Contender): Promise<string> {
  const labels: unknown[] = [];
  for (const row of readHeldout().rows.slice(0, BODIES)) {
    const reply = await fetch(contender.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: contender.body(row) });
    labels.push(contender.label(await reply.json()));
  }
  return labels.join();
}

function rowOf(name: string, runs: readonly Run[]): PeerRow {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick));
  return {
    name, requestsPerSecond: of(({ together }) => together.requestsPerSecond), cpuMicrosPerRequest: of((run) => run.cpuMicrosPerRequest),
    p50Micros: of(({ together }) => together.p50Micros), p99Micros: of(({ together }) => together.p99Micros), loneP50Micros: of(({ lone }) => lone.p50Micros), processes: of(({ processes }) => processes),
  };
}

async function main(names: readonly ContenderName[], size: { readonly connections: number; readonly rounds: number; readonly seconds: number; readonly repeats: number }, small: boolean): Promise<number> {
  const calm = new Calm({ repeats: size.repeats, say });
  const runs: Run[] = [];
  let expected: string | undefined;
  for (let round = 0; round < size.rounds; round++) {
    for (const name of names) {
      const contender = await startContender(name);
      try {
        const labels = await labelsOf(contender);
        expected ??= labels;
        if (labels !== expected) throw new Error(`${name} gives other labels: ${labels}`);
        const run = await calm.play(() => measure(contender, size));
        runs.push(run);
        say(`round ${round + 1}, ${name}: ${run.together.requestsPerSecond.toFixed(0)} requests/s, ${run.cpuMicrosPerRequest.toFixed(0)} µs of CPU each`);
      } finally {
        await contender.stop();
      }
    }
  }
  const rows = names.map((name) => rowOf(name, runs.filter((run) => run.name === name)));
  const ratios = againstTriton(rows);
  say(textTable(peersTable(rows)));
  if (ratios !== undefined) say(textTable(ratiosTable(ratios)));
  writeResult(values.json, { bench: 'peers', seed: 0, stolen: calm.stolen, parameters: { ...size, maxInFlight: MAX_IN_FLIGHT, bars: BARS, small }, result: { rows, ...(ratios === undefined ? {} : { againstTriton: ratios }) } });
  return small || ratios === undefined || ratios.pass ? 0 : 1;
}

const { values } = parseArgs({
  options: {
    contenders: { type: 'string' }, connections: { type: 'string', default: '32' }, rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '5' },
    repeats: { type: 'string', default: '12' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const wanted = CONTENDERS.filter((name) => values.contenders?.split(',').includes(name) ?? true);
  for (const name of wanted) if (missing(name) !== undefined) say(`${name} is left out: ${missing(name) ?? ''}`);
  const size = { connections: Number(values.connections), ...(values.small ? SMALL : { rounds: Number(values.rounds), seconds: Number(values.seconds), repeats: Number(values.repeats) }) };
  try {
    process.exitCode = await main(wanted.filter((name) => missing(name) === undefined), size, values.small);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
