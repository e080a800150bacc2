import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { configuredControllers } from './broker/controllers.ts';
import { CacheHits } from './core/cache-hits.ts';
import { CorePath } from './core/core-path.ts';
import { BARS, cacheRow, coreRow, coreTable, type CacheRow, type CoreResult, type CoreRow } from './core/result.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `What the core path costs: static choice, queue, batch, complete; 8 apps with mixed objectives on one model version,
without record, receipt, metrics, transport or inference. And what a hit of the prediction cache costs, 64 floats a row.

  node bench/core.ts [flags]

  --rules NAMES     what forms the batches; the default controller unless given
  --loads L         multiples of what the replicas can do; 0.5,0.95,2 unless given. The bars hold up to 0.95
  --queries N       of each round; 1000000 unless given
  --rounds N        that count, after one of warm-up; 5 unless given; medians
  --seed N          1 unless given
  --small           a size that takes a second, to see that it runs: no bar is held
  --json FILE       writes the result there; - is standard output

Exit code 1 where a figure misses its bar.
`;
const SMALL = { queries: 50_000, rounds: 1 };

interface Size {
  readonly queries: number;
  readonly rounds: number;
}

function measurePath(rule: string, load: number, { queries, rounds, seed }: Size & { seed: number }): CoreRow {
  const path = new CorePath({ rule, load, seed });
  const { runs, heapGrowthBytes } = repeat(() => path.run(queries), rounds);
  return coreRow({ rule, load, run: middle(runs, (run) => run.cpuMicrosPerQuery), heapGrowthBytes });
}

function measureCache({ queries, rounds, seed }: Size & { seed: number }): CacheRow {
  const hits = new CacheHits(seed);
  const { runs, heapGrowthBytes } = repeat(() => hits.run(queries), rounds);
  return cacheRow({ run: middle(runs, (run) => run.cpuMicrosPerHit), heapGrowthBytes });
}

/** After one round that does not count. */
function repeat<Run>(round: () => Run, rounds: number): { readonly runs: readonly Run[]; readonly heapGrowthBytes: number } {
  round();
  const before = heapBytes();
  const runs = Array.from({ length: rounds }, round);
  return { runs, heapGrowthBytes: heapBytes() - before };
}

function middle<Run>(runs: readonly Run[], cost: (run: Run) => number): Run {
  const run = runs.toSorted((a, b) => cost(a) - cost(b))[runs.length >> 1];
  if (run === undefined) throw new RangeError('--rounds must be 1 or more');
  return run;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: configuredControllers().byDefault }, loads: { type: 'string', default: '0.5,0.95,2' }, queries: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' }, small: { type: 'boolean', default: false },
    json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const seed = Number(values.seed);
  const size: Size = values.small ? SMALL : { queries: Number(values.queries), rounds: Number(values.rounds) };
  const rules = values.rules.split(',');
  const loads = values.loads.split(',').map(Number);
  const rows = rules.flatMap((rule) => loads.map((load) => measurePath(rule, load, { ...size, seed })));
  const result: CoreResult = { rows, cache: measureCache({ ...size, seed }) };
  say(textTable(coreTable(result)));
  writeResult(values.json, { bench: 'core', seed, parameters: { ...size, rules, loads, small: values.small, bars: BARS }, result });
  process.exitCode = values.small || (result.cache.pass && rows.every(({ pass }) => pass !== false)) ? 0 : 1;
}
