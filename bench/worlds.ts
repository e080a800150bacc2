import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { spread } from './goodput/spread.ts';
import { say, writeResult } from './report/write.ts';
import { planWorld } from './worlds/plan.ts';
import type { SeedRange, WorldsTally } from './worlds/play-range.ts';
import { playRange, WORLD_RULES } from './worlds/play-range.ts';
import { faultyAgain, nothingFrom, WorldsTotal, type WorldsResult } from './worlds/total.ts';
import { playWorld } from './worlds/world.ts';

const HELP = `Small worlds in which everything fails: the production road on simulated time, with replicas that die, hang, slow down,
err, answer too few rows or too many and grant too much, rows that poison, callers that leave and a process that stands still; in one of three,
many apps (ensembles, cascades, shadows, apps over apps) and an operator who changes versions, labels, splits and queues.
Invariants are checked at every event.

  node bench/worlds.ts [flags]

  --seeds N      worlds, one a seed; 3000 unless given
  --from S       the first seed; 1 unless given
  --seed S       that world alone, with its plan
  --workers N    threads; as many as there are cores unless given
  --json FILE    writes the result there, and every minute what has been played; - is standard output, at the end
  --resume       goes on where the result in that file ends, up to the last of the seeds; worlds that had a fault are played again

Exit code 1 where an invariant did not hold; each fault names its seed.
`;
const RANGE = 250;
const MOST_TOLD = 20;
const TELL_SECONDS = 10;
const KEEP_SECONDS = 60;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, workers: { type: 'string' },
    json: { type: 'string' }, resume: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  },
});

function playOne(seed: number): void {
  const plan = planWorld(seed, WORLD_RULES);
  say(JSON.stringify(plan, null, 2));
  say(JSON.stringify(playWorld(plan)));
}

async function playMany(): Promise<void> {
  const from = Number(values.from), seeds = Number(values.seeds);
  const before = values.resume ? faultyAgain(kept(values.json, from), playRange) : nothingFrom(from);
  const total = new WorldsTotal(before);
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let toldAt = 0, keptAt = 0, worlds = before.worlds;
  await spread<WorldsTally>(rangesOf(before.next, from + seeds), {
    program: new URL('worlds/worker.ts', import.meta.url), workers: values.workers === undefined ? availableParallelism() : Number(values.workers),
    onResult: (tally) => {
      total.add(tally);
      worlds += tally.worlds;
      if (seconds() - toldAt >= TELL_SECONDS) {
        toldAt = seconds();
        say(`${worlds} of ${seeds} worlds, ${toldAt.toFixed(0)} s`);
      }
      if (seconds() - keptAt < KEEP_SECONDS || values.json === '-') return;
      keptAt = seconds();
      keep(total.result, { from, seeds });
    },
  });
  tell(total.result, seconds());
  keep(total.result, { from, seeds });
  process.exitCode = total.result.faults.length > 0 ? 1 : 0;
}

function rangesOf(from: number, end: number): SeedRange[] {
  const ranges: SeedRange[] = [];
  for (let at = from; at < end; at += RANGE) ranges.push({ from: at, to: Math.min(at + RANGE, end) });
  return ranges;
}

/** What an earlier run has kept in its file, if it began at the same seed; nothing where there is no such file. */
function kept(file: string | undefined, from: number): WorldsResult {
  if (file === undefined || file === '-') throw new RangeError('--resume needs the file of the earlier run: --json FILE');
  if (!existsSync(file)) return nothingFrom(from);
  const { result } = JSON.parse(readFileSync(file, 'utf8')) as { result: WorldsResult };
  if (result.from !== from) throw new RangeError(`${file} begins at seed ${result.from}, not ${from}`);
  return result;
}

function keep(result: WorldsResult, parameters: { from: number; seeds: number }): void {
  writeResult(values.json, { bench: 'worlds', seed: parameters.from, parameters: { ...parameters, rules: WORLD_RULES }, result });
}

function tell({ from, worlds, answered, byModel, cancelled, batches, faults }: WorldsResult, seconds: number): void {
  for (const fault of faults.slice(0, MOST_TOLD)) say(`${fault}\n`);
  say(`${worlds} worlds from seed ${from} on: ${answered} queries answered (${byModel} rows by a model), ${cancelled} left, ${batches} batches; ${faults.length} faults; ${seconds.toFixed(1)} s`);
  if (faults.length > 0) say('one of them again: node bench/worlds.ts --seed N');
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    if (values.seed === undefined) await playMany();
    else playOne(Number(values.seed));
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  }
}
