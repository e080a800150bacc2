import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LOOK_MENDED, playBreakdown, type Course } from './adapt/breakdown.ts';
import { measureEnsembles, type EnsembleFigures } from './adapt/ensemble.ts';
import { barsOfBreakdowns, barsOfEnsemble, type AdaptBar, type AdaptPart, type Shares } from './adapt/result.ts';
import { trafficPlot } from './adapt/traffic-plot.ts';
import { startBroker, waitUntilReady } from './demo/broker-process.ts';
import { ADAPT_CONFIG } from './demo/digits.ts';
import { codeHash, Ledger } from './report/ledger.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Five digit models behind a running broker: the best one breaks and is mended; then all five at once, one a straggler.

  node bench/adapt.ts [flags]

  --seeds N     runs of the breakdown, one after another; 30 unless given
  --parts LIST  breakdown,ensemble unless given
  --small       one short run, to see that it runs: no bar is held
  --keep FILE   keeps each run there as it ends; the next call with it goes on where this one was stopped
  --json FILE   writes the result there; - is standard output
  --svg FILE    writes a plot of the first run there: who got the traffic

Labels come back at once, 8 queries at a time. Shares are the probabilities of the next query.
Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
const WHOLE: Course = { sound: 2000, broken: 1000, mended: LOOK_MENDED };
const SMALL: Course = { sound: 200, broken: 100, mended: 100 };
const TOGETHER = 8;
/** What a run is made by: kept ones are of no use once any of it has changed. */
const MADE_BY = ['frontend', 'selection-policies', 'protos', 'bench/adapt', 'bench/demo', 'model-containers/onnx', 'deploy/demo'];

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '30' }, parts: { type: 'string', default: 'breakdown,ensemble' }, small: { type: 'boolean', default: false },
    keep: { type: 'string' }, json: { type: 'string' }, svg: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function breakdowns(url: string, ledger: Ledger<AdaptPart>): Promise<readonly Shares[]> {
  const course = values.small ? SMALL : WHOLE;
  const seeds = values.small ? 1 : Number(values.seeds);
  const runs: Shares[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const kept = ledger.parts.find((part) => part.kind === 'breakdown' && part.seed === seed);
    if (kept?.kind === 'breakdown') {
      runs.push(kept.shares);
      continue;
    }
    const { taught, ...shares } = await playBreakdown(url, course, { seed, together: TOGETHER });
    runs.push(shares);
    ledger.add({ kind: 'breakdown', seed, shares });
    say(`run ${seed}: share of the arm ${shares.shareBefore.toFixed(3)} before, ${shares.shareBroken.toFixed(3)} broken, ${shares.shareMended.toFixed(3)} mended`);
    if (seed === 1 && values.svg !== undefined) writeFileSync(values.svg, trafficPlot(taught, course));
  }
  return runs;
}

async function ensembles(url: string, ledger: Ledger<AdaptPart>): Promise<EnsembleFigures> {
  const kept = ledger.parts.find((part) => part.kind === 'ensemble');
  if (kept !== undefined) return kept.figures;
  const queries = values.small ? 100 : 3000;
  const figures = await measureEnsembles(url, { labels: queries, queries, seed: 1 });
  ledger.add({ kind: 'ensemble', figures });
  return figures;
}

function tell(bars: readonly AdaptBar[]): readonly AdaptBar[] {
  say(textTable([['what', 'measured', 'bar', ''], ...bars.map(({ what, value, bar, pass }) => [what, value.toFixed(4), bar, values.small ? '' : pass ? 'pass' : 'MISSED'])]));
  return bars;
}

async function measure(): Promise<boolean> {
  const parts = values.parts.split(',');
  const ledger = new Ledger<AdaptPart>(values.keep, `adapt ${codeHash(MADE_BY)}${values.small ? ' small' : ''}`);
  const broker = await startBroker(fileURLToPath(ADAPT_CONFIG));
  try {
    await waitUntilReady(broker.url);
    const runs = parts.includes('breakdown') ? await breakdowns(broker.url, ledger) : [];
    const bars = runs.length === 0 ? [] : [...tell(barsOfBreakdowns(runs))];
    const ensemble = parts.includes('ensemble') ? await ensembles(broker.url, ledger) : undefined;
    if (ensemble !== undefined) {
      bars.push(...tell(barsOfEnsemble(ensemble)));
      say(`no answer in time: ${ensemble.defaultsFive} of the five, ${ensemble.defaultsFour} of the four; missing from the five: ${JSON.stringify(ensemble.missingFive)}, from the four: ${JSON.stringify(ensemble.missingFour)}`);
    }
    const parameters = { seeds: runs.length, parts: values.parts, small: values.small, together: TOGETHER, course: values.small ? SMALL : WHOLE };
    writeResult(values.json, { bench: 'adapt', seed: 1, parameters, result: { breakdowns: runs, ensemble, bars } });
    return values.small || bars.every(({ pass }) => pass);
  } finally {
    await broker.stop();
  }
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await measure() ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
