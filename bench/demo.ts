import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { DEMO_CONFIG, readCard } from './demo/digits.ts';
import { play, type Played } from './demo/play.ts';
import { progressLine } from './demo/progress-line.ts';
import { table } from './demo/table.ts';

const HELP = `Plays the held-out digits as traffic for each model of the demo and prints what came of it.

  npm run demo -- [flags]

  --url URL      a broker that serves deploy/demo/tradewind.yaml; one is started, and stopped again, unless given
  --seconds S    a model's share of the time; 4 unless given (whole passes over the images are played)
  --rate R       requests a second; 500 unless given
  --seed N       of the arrivals; 1 unless given
  --json FILE    writes all figures there
`;
/** A busy machine delays the generator too; past this, the table says so. */
const NOTEWORTHY_LATENESS_MICROS = 1_000;

interface DemoOptions {
  readonly url: string | undefined;
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly seed: number;
}

async function demo(options: DemoOptions): Promise<Played[]> {
  const broker = options.url === undefined ? await startBroker(fileURLToPath(DEMO_CONFIG)) : undefined;
  const stopEarly = (): void => { void broker?.stop().finally(() => process.exit(130)); };
  process.once('SIGINT', stopEarly);
  try {
    const url = (broker?.url ?? options.url ?? '').replace(/\/+$/, '');
    await waitUntilReady(url);
    process.stdout.write(`The broker at ${url} is ready.\n`);
    return await playAll(url, options);
  } finally {
    process.removeListener('SIGINT', stopEarly);
    await broker?.stop();
  }
}

async function playAll(url: string, options: DemoOptions): Promise<Played[]> {
  const card = readCard();
  const width = Math.max(...card.models.map(({ name }) => name.length));
  const results: Played[] = [];
  for (const model of card.models) {
    const line = progressLine(process.stdout, model.name.padEnd(width));
    const played = await play(card, model, {
      ...options, url,
      onProgress: ({ sent, answered }, requests) => line.show(answered / requests, `${answered} of ${requests} answered, ${sent - answered} under way`),
    });
    line.done(`${played.load.answered} answers in ${played.load.seconds.toFixed(1)} s`);
    results.push(played);
  }
  return results;
}

function tell(results: readonly Played[]): void {
  process.stdout.write(`\n${table(results)}\n`);
  const lateMicros = Math.max(...results.map(({ load }) => load.latenessMicros.p99));
  if (lateMicros > NOTEWORTHY_LATENESS_MICROS) {
    process.stdout.write(`\nThe machine is busy: 1 % of the requests left ${(lateMicros / 1000).toFixed(1)} ms or more late, which is in these latencies.\n`);
  }
  for (const { model, faults } of results) for (const fault of faults) process.stderr.write(`${model}: ${fault}\n`);
}

const { values } = parseArgs({
  options: {
    url: { type: 'string' }, seconds: { type: 'string', default: '4' }, rate: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const results = await demo({ url: values.url, seconds: Number(values.seconds), ratePerSecond: Number(values.rate), seed: Number(values.seed) });
    tell(results);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ratePerSecond: Number(values.rate), seed: Number(values.seed), models: results }, null, 2)}\n`);
    process.exitCode = results.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
