import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { median } from './report/median.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `From starting the broker with all models of the demo to its first answer from a model.

  node bench/startup.ts [flags]

  --rounds N    5 unless given; medians
  --small       one round, and no bar is held
  --json FILE   writes the result there; - is standard output

Exit code 1 where the median misses its bar, 2 where nothing could be measured.
`;
const BAR_MS = 5000;
const GIVE_UP_MS = 60_000;
const RETRY_MS = 10;
/** All models of the demo; the app of that name asks the model of that name. */
const CONFIG = new URL('../deploy/demo/tradewind.yaml', import.meta.url);
const SAMPLE = new URL('../deploy/demo/sample.json', import.meta.url);
const PATH = '/v1/apps/digits/predict';

/** Milliseconds since the process was started, and the time of the answers alone. */
interface Start {
  readonly listensMs: number;
  /** The first answer that came from a model. */
  readonly firstAnswerMs: number;
  /** Every model has a replica. */
  readonly allReadyMs: number;
  /** How long that first answer took, and how long the one after it. */
  readonly firstLatencyMs: number;
  readonly secondLatencyMs: number;
}

async function startOnce(): Promise<Start> {
  const from = performance.now();
  const broker = await startBroker(fileURLToPath(CONFIG));
  try {
    const listensMs = performance.now() - from;
    const body = readFileSync(SAMPLE, 'utf8');
    const firstLatencyMs = await askUntilModel(`${broker.url}${PATH}`, body);
    const firstAnswerMs = performance.now() - from;
    const secondLatencyMs = await askUntilModel(`${broker.url}${PATH}`, body);
    await waitUntilReady(broker.url);
    return { listensMs, firstAnswerMs, allReadyMs: performance.now() - from, firstLatencyMs, secondLatencyMs };
  } finally {
    await broker.stop();
  }
}

/** Asks again and again until a model answers, and says how long that answer took. */
async function askUntilModel(url: string, body: string): Promise<number> {
  for (const giveUpAt = performance.now() + GIVE_UP_MS; performance.now() < giveUpAt;) {
    const from = performance.now();
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = (await response.json()) as { source?: string };
    if (answer.source === 'model') return performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(`no answer of a model within ${GIVE_UP_MS / 1000} s`);
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const rounds = values.small ? 1 : Number(values.rounds);
    const starts: Start[] = [];
    for (let round = 1; round <= rounds; round++) {
      const start = await startOnce();
      starts.push(start);
      say(`start ${round} of ${rounds}: listens after ${start.listensMs.toFixed(0)} ms, first answer ${start.firstAnswerMs.toFixed(0)} ms (it took ${start.firstLatencyMs.toFixed(1)} ms, the next ${start.secondLatencyMs.toFixed(1)}), all ready ${start.allReadyMs.toFixed(0)} ms`);
    }
    const of = (pick: (start: Start) => number): number => median(starts.map(pick));
    const firstAnswerMs = of((start) => start.firstAnswerMs);
    const allReadyMs = of((start) => start.allReadyMs);
    const pass = allReadyMs <= BAR_MS;
    const result = {
      listensMs: of((start) => start.listensMs), firstAnswerMs, allReadyMs, firstLatencyMs: of((start) => start.firstLatencyMs),
      secondLatencyMs: of((start) => start.secondLatencyMs), barMs: BAR_MS, pass, starts,
    };
    say(`first answer after ${firstAnswerMs.toFixed(0)} ms, all models after ${allReadyMs.toFixed(0)} ms; at most ${BAR_MS}: ${pass ? 'pass' : 'MISSED'}`);
    writeResult(values.json, { bench: 'startup', seed: 0, parameters: { rounds, small: values.small }, result });
    process.exitCode = values.small || pass ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
