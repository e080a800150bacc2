import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { APP, BEST, playBreakdown } from './adapt/breakdown.ts';
import type { Taught } from './adapt/teach.ts';
import { trafficPlot } from './adapt/traffic-plot.ts';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { ADAPT_CONFIG, readCard } from './demo/digits.ts';
import { play, type Played } from './demo/play.ts';
import { progressLine } from './demo/progress-line.ts';
import { table } from './demo/table.ts';
import { trafficRows } from './adapt/traffic-rows.ts';

const HELP = `Plays the held-out digits as traffic for each model of the demo and prints what came of it. Then all five under one app
that learns, with labels as feedback: the best model breaks for a while, and a plot shows who got the traffic.

  npm run demo -- [flags]

  --url URL      a broker that serves deploy/demo/adapt.yaml; one is started, and stopped again, unless given
  --seconds S    a model's share of the time; 4 unless given (whole passes over the images are played)
  --rate R       requests a second; 500 unless given
  --seed N       of the arrivals; 1 unless given
  --labels N     of the second part; 2400 unless given, 0 leaves it out
  --svg FILE     where its plot goes as a picture; tradewind-demo.svg in the temporary folder unless given
  --json FILE    writes all figures there
`;
/** A busy machine delays the generator too; past this, the table says so. */
const NOTEWORTHY_LATENESS_MICROS = 1_000;

interface DemoOptions {
  readonly url: string | undefined;
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly labels: number;
  readonly svg: string;
}

async function demo(options: DemoOptions): Promise<{ played: Played[]; taught: readonly Taught[] }> {
  const broker = options.url === undefined ? await startBroker(fileURLToPath(ADAPT_CONFIG)) : undefined;
  try {
    const url = (broker?.url ?? options.url ?? '').replace(/\/+$/, '');
    await waitUntilReady(url);
    process.stdout.write(`The broker at ${url} is ready.\n`);
    const played = await playAll(url, options);
    tell(played);
    return { played, taught: options.labels > 0 ? await learn(url, options) : [] };
  } finally {
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

/** All five models under one app, the best one broken for a while. */
async function learn(url: string, { labels, seed, svg }: DemoOptions): Promise<readonly Taught[]> {
  const course = { sound: Math.round(labels * 0.4), broken: Math.round(labels * 0.2), mended: labels - Math.round(labels * 0.4) - Math.round(labels * 0.2) };
  process.stdout.write(`\nAll five under one app that learns from ${labels} labels; ${BEST} takes every digit for the next one for a while.\n`);
  const line = progressLine(process.stdout, APP);
  const { taught } = await playBreakdown(url, course, { seed, together: 8, onTaught: (_, number) => line.show(number / labels, `${number} of ${labels} labels`) });
  line.done(`${taught.filter(({ right }) => right).length} of ${taught.length} answers right`);
  writeFileSync(svg, trafficPlot(taught, course));
  process.stdout.write(`\n${trafficRows(taught, course)}\n\nThe same as a picture: ${svg}\n`);
  return taught;
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
    seed: { type: 'string', default: '1' }, labels: { type: 'string', default: '2400' }, svg: { type: 'string', default: join(tmpdir(), 'tradewind-demo.svg') }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const { played: results, taught } = await demo({ url: values.url, seconds: Number(values.seconds), ratePerSecond: Number(values.rate), seed: Number(values.seed), labels: Number(values.labels), svg: values.svg });
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ratePerSecond: Number(values.rate), seed: Number(values.seed), models: results, taught }, null, 2)}\n`);
    process.exitCode = results.every(({ faults }) => faults.length === 0) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
