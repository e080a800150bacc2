import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BEST, LOOK_BROKEN, LOOK_MENDED, playBreakdown, type Breakdown, type Course } from './adapt/breakdown.ts';
import { measureEnsembles, SLO_MS, type EnsembleFigures } from './adapt/ensemble.ts';
import { trafficPlot } from './adapt/traffic-plot.ts';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { ADAPT_CONFIG } from './demo/digits.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Five digit models behind a running broker: the best one breaks and is mended; then all five at once, one a straggler.

  node bench/adapt.ts [flags]

  --seeds N     runs of the breakdown, one after another; 30 unless given
  --small       one short run, to see that it runs: no bar is held
  --json FILE   writes the result there; - is standard output
  --svg FILE    writes a plot of the first run there: who got the traffic

Labels come back at once, 8 queries at a time. Shares are the probabilities of the next query.
Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
const WHOLE: Course = { sound: 2000, broken: 1000, mended: LOOK_MENDED };
const SMALL: Course = { sound: 200, broken: 100, mended: 100 };
const TOGETHER = 8;

interface Bar {
  readonly what: string;
  readonly value: number;
  readonly bar: string;
  readonly pass: boolean;
}

function bars(runs: readonly Breakdown[], ensemble: EnsembleFigures): Bar[] {
  const mean = (of: (run: Breakdown) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const broken = mean(({ shareBroken }) => shareBroken);
  const mended = mean(({ shareMended }) => shareMended);
  const behind = ensemble.accuracyFour - ensemble.accuracyFive;
  return [
    { what: `share of ${BEST}, ${LOOK_BROKEN} labels after it broke`, value: broken, bar: '< 0.05', pass: broken < 0.05 },
    { what: `share of ${BEST}, ${LOOK_MENDED} labels after it was mended`, value: mended, bar: '> 0.70', pass: mended > 0.7 },
    { what: 'five with a straggler: p99, ms', value: ensemble.p99Ms, bar: `<= ${SLO_MS}`, pass: ensemble.p99Ms <= SLO_MS },
    { what: 'accuracy behind the four others', value: behind, bar: '<= 0.005', pass: behind <= 0.005 },
    { what: 'expected calibration error', value: ensemble.calibrationError, bar: '<= 0.03', pass: ensemble.calibrationError <= 0.03 },
  ];
}

async function run(options: { seeds: number; small: boolean; svg: string | undefined }): Promise<{ runs: readonly Breakdown[]; ensemble: EnsembleFigures }> {
  const course = options.small ? SMALL : WHOLE;
  const broker = await startBroker(fileURLToPath(ADAPT_CONFIG));
  try {
    await waitUntilReady(broker.url);
    const runs: Breakdown[] = [];
    for (let seed = 1; seed <= options.seeds; seed++) {
      const one = await playBreakdown(broker.url, course, { seed, together: TOGETHER });
      runs.push(one);
      say(`run ${seed}: share of ${BEST} ${one.shareBefore.toFixed(3)} before, ${one.shareBroken.toFixed(3)} broken, ${one.shareMended.toFixed(3)} mended`);
      if (seed === 1 && options.svg !== undefined) writeFileSync(options.svg, trafficPlot(one.taught, course));
    }
    const ensemble = await measureEnsembles(broker.url, options.small ? { labels: 100, queries: 100, seed: 1 } : { labels: 3000, queries: 3000, seed: 1 });
    return { runs, ensemble };
  } finally {
    await broker.stop();
  }
}

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '30' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, svg: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const seeds = values.small ? 1 : Number(values.seeds);
    const { runs, ensemble } = await run({ seeds, small: values.small, svg: values.svg });
    const held = bars(runs, ensemble);
    say(textTable([['what', 'measured', 'bar', ''], ...held.map(({ what, value, bar, pass }) => [what, value.toFixed(4), bar, values.small ? '' : pass ? 'pass' : 'MISSED'])]));
    const result = { breakdowns: runs.map(({ shareBefore, shareBroken, shareMended }) => ({ shareBefore, shareBroken, shareMended })), ensemble, bars: held };
    writeResult(values.json, { bench: 'adapt', seed: 1, parameters: { seeds, small: values.small, together: TOGETHER, course: values.small ? SMALL : WHOLE }, result });
    process.exitCode = values.small || held.every(({ pass }) => pass) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
