import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { spread } from './goodput/spread.ts';
import { say, writeResult } from './report/write.ts';
import { planWorld } from './worlds/plan.ts';
import type { SeedRange, WorldsTally } from './worlds/play-range.ts';
import { WORLD_RULES } from './worlds/play-range.ts';
import { playWorld } from './worlds/world.ts';

const HELP = `Small worlds in which everything fails: the production road on simulated time, with replicas that die, hang, slow down,
err, leave rows out and grant too much, rows that poison, callers that leave and clocks that jump. Invariants are checked at
every event.

  node bench/worlds.ts [flags]

  --seeds N      worlds, one a seed; 3000 unless given
  --from S       the first seed; 1 unless given
  --seed S       that world alone, with its plan
  --workers N    threads; as many as there are cores unless given
  --json FILE    writes the result there; - is standard output

Exit code 1 where an invariant did not hold; each fault names its seed.
`;
const RANGE = 250;
const MOST_TOLD = 20;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, workers: { type: 'string' },
    json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

function playOne(seed: number): void {
  const plan = planWorld(seed, WORLD_RULES);
  say(JSON.stringify(plan, null, 2));
  say(JSON.stringify(playWorld(plan)));
}

async function playMany(): Promise<void> {
  const from = Number(values.from), seeds = Number(values.seeds);
  const ranges: SeedRange[] = [];
  for (let at = from; at < from + seeds; at += RANGE) ranges.push({ from: at, to: Math.min(at + RANGE, from + seeds) });
  const began = performance.now();
  let toldAt = 0, worlds = 0;
  const tallies = await spread<WorldsTally>(ranges, {
    program: new URL('worlds/worker.ts', import.meta.url), workers: values.workers === undefined ? availableParallelism() : Number(values.workers),
    onResult: (tally) => {
      worlds += tally.worlds;
      const seconds = (performance.now() - began) / 1000;
      if (seconds - toldAt < 10) return;
      toldAt = seconds;
      say(`${worlds} of ${seeds} worlds, ${seconds.toFixed(0)} s`);
    },
  });
  const sum = (of: (tally: WorldsTally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  const faults = tallies.flatMap((tally) => tally.faults);
  const result = { worlds: sum((tally) => tally.worlds), answered: sum((tally) => tally.answered), byModel: sum((tally) => tally.byModel), cancelled: sum((tally) => tally.cancelled), batches: sum((tally) => tally.batches), faults };
  for (const fault of faults.slice(0, MOST_TOLD)) say(`${fault}\n`);
  say(`${result.worlds} worlds from seed ${from} on: ${result.answered} queries answered (${result.byModel} rows by a model), ${result.cancelled} left, ${result.batches} batches; ${faults.length} faults; ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (faults.length > 0) say('one of them again: node bench/worlds.ts --seed N');
  writeResult(values.json, { bench: 'worlds', seed: from, parameters: { seeds, from, rules: WORLD_RULES }, result });
  process.exitCode = faults.length > 0 ? 1 : 0;
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
