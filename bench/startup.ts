import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { median } from './report/median.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `From starting the broker with all models of the demo to its first answer from a model, as they are and with a warm-up of each.

  node bench/startup.ts [flags]

  --rounds N    5 unless given; one start of either kind in each, in changing order; medians
  --small       one round, and no bar is held
  --json FILE   writes the result there; - is standard output

Exit code 1 where the median without a warm-up misses its bar, 2 where nothing could be measured.
`;
const BAR_MS = 5000;
const GIVE_UP_MS = 60_000;
const RETRY_MS = 10;
/** All models of the demo; the app of that name asks the model of that name. */
const CONFIG = new URL('../deploy/demo/tradewind.yaml', import.meta.url);
/** Batches of rows of zeros that each replica is asked before it is ready. */
const WARM_UP = { sizes: [1, 8, 32] };
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

/** The demo's configuration with a warm-up of every model, in a folder of its own. */
function writeWarmed(folder: string): string {
  const config = parse(readFileSync(CONFIG, 'utf8')) as { models: { path: string }[] };
  const models = config.models.map((model) => ({ ...model, path: fileURLToPath(new URL(model.path, CONFIG)), warm_up: WARM_UP }));
  const file = join(folder, 'tradewind.json');
  writeFileSync(file, JSON.stringify({ ...config, models }));
  return file;
}

async function startOnce(config: string): Promise<Start> {
  const from = performance.now();
  const broker = await startBroker(config);
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

interface Starts {
  readonly plain: readonly Start[];
  readonly warmed: readonly Start[];
}

async function measure(rounds: number): Promise<Starts> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-startup-'));
  try {
    const kinds = [
      { word: 'as they are', config: fileURLToPath(CONFIG), starts: [] as Start[] },
      { word: 'warmed up', config: writeWarmed(folder), starts: [] as Start[] },
    ] as const;
    for (let round = 1; round <= rounds; round++) {
      for (const { word, config, starts } of round % 2 === 1 ? kinds : kinds.toReversed()) {
        const start = await startOnce(config);
        starts.push(start);
        say(`start ${round} of ${rounds}, ${word}: listens after ${start.listensMs.toFixed(0)} ms, first answer ${start.firstAnswerMs.toFixed(0)} ms (it took ${start.firstLatencyMs.toFixed(1)} ms, the next ${start.secondLatencyMs.toFixed(1)}), all ready ${start.allReadyMs.toFixed(0)} ms`);
      }
    }
    return { plain: kinds[0].starts, warmed: kinds[1].starts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mediansOf(starts: readonly Start[]): Start {
  const of = (pick: (start: Start) => number): number => median(starts.map(pick));
  return {
    listensMs: of((start) => start.listensMs), firstAnswerMs: of((start) => start.firstAnswerMs), allReadyMs: of((start) => start.allReadyMs),
    firstLatencyMs: of((start) => start.firstLatencyMs), secondLatencyMs: of((start) => start.secondLatencyMs),
  };
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const rounds = values.small ? 1 : Number(values.rounds);
    const { plain, warmed } = await measure(rounds);
    const figures = mediansOf(plain);
    const pass = figures.allReadyMs <= BAR_MS;
    const result = { ...figures, barMs: BAR_MS, pass, starts: plain, warmed: { ...mediansOf(warmed), warmUp: WARM_UP, starts: warmed } };
    say(`first answer after ${figures.firstAnswerMs.toFixed(0)} ms, all models after ${figures.allReadyMs.toFixed(0)} ms; at most ${BAR_MS}: ${pass ? 'pass' : 'MISSED'}`);
    const { firstAnswerMs, allReadyMs, firstLatencyMs } = result.warmed;
    say(`with a warm-up: first answer after ${firstAnswerMs.toFixed(0)} ms, all models after ${allReadyMs.toFixed(0)} ms; the first answer itself takes ${firstLatencyMs.toFixed(1)} ms instead of ${figures.firstLatencyMs.toFixed(1)}`);
    writeResult(values.json, { bench: 'startup', seed: 0, parameters: { rounds, small: values.small }, result });
    process.exitCode = values.small || pass ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
