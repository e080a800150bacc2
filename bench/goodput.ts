import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goodputPage, goodputPictures } from './goodput/page.ts';
import { stamp } from './report/stamp.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';
import { barsTable } from './goodput/bars-table.ts';
import { barsOf, coldBars, pointsOf } from './goodput/bars.ts';
import type { Cell, CellResult } from './goodput/cell.ts';
import { BEST_ONLINE, CLAIRVOYANT, panels, type Panel } from './goodput/panels.ts';
import type { GoodputResult } from './goodput/result.ts';
import { coldStart } from './simulator/cold-start.ts';
import { CONTROLLERS, RULE_NAMES } from './simulator/rules.ts';
import { capacityOf } from './simulator/scenario.ts';
import { spread } from './goodput/spread.ts';

const [DEFAULT = ''] = CONTROLLERS;

const HELP = `How much of the goodput that can be had is had: the production queue and batcher on simulated replicas, beside the
rules of others and a scheduler that knows the future.

  node bench/goodput.ts [flags]

  --seeds N        5 unless given
  --ours NAME      the controller that is held to the bars; ${DEFAULT} unless given
  --groups NAMES   of plain,noise,steps,recorded,tight,mixed,alike,unequal,overhead,flood,replicas,bound-mixed,bound-unequal; all unless given, and learning from cold
  --workers N      threads; as many as there are cores unless given
  --small          one seed and few arrivals, to see that it runs: its figures mean nothing, and no bar is held
  --json FILE      writes the result there; - is standard output
  --pictures DIR   writes goodput.html and its plots as SVG files there

Exit code 1 where a figure misses its bar.
`;
const SMALL = { seeds: 1, arrivals: 300, loads: [1.2, 4] };

function cellsOf(chosen: readonly Panel[], seeds: number): Cell[] {
  const cells: Cell[] = [];
  for (const panel of chosen) {
    for (const load of panel.loads) {
      for (const rule of panel.rules) {
        // The best online rule is reckoned, not played: seeds make no difference to it.
        const rounds = rule === BEST_ONLINE || panel.oneSeed === true ? 1 : seeds;
        for (let seed = 1; seed <= rounds; seed++) cells.push({ panel, load, rule, seed });
      }
    }
  }
  return cells;
}

async function play(cells: readonly Cell[], workers: number): Promise<{ results: CellResult[]; played: NonNullable<GoodputResult['played']> }> {
  const began = performance.now();
  const secondsSince = (): number => (performance.now() - began) / 1000;
  let queries = 0, toldAt = 0;
  const results = await spread<CellResult>(cells, {
    program: new URL('goodput/cell-worker.ts', import.meta.url), workers,
    onResult: ({ rule, offered }, done) => {
      // An oracle plays nothing.
      if (rule !== CLAIRVOYANT && rule !== BEST_ONLINE) queries += offered;
      const seconds = secondsSince();
      if (seconds - toldAt < 5 && done < cells.length) return;
      toldAt = seconds;
      say(`${done} of ${cells.length} runs, ${(queries / 1e6).toFixed(1)} million queries, ${seconds.toFixed(0)} s`);
    },
  });
  return { results, played: { queries, seconds: secondsSince(), workers } };
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' }, ours: { type: 'string', default: DEFAULT }, groups: { type: 'string' }, workers: { type: 'string' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, pictures: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function goodput(): Promise<void> {
  const { ours, small } = values;
  if (!RULE_NAMES.includes(ours)) throw new RangeError(`--ours: there is no ${ours}; there are ${RULE_NAMES.join(', ')}`);
  const seeds = small ? SMALL.seeds : Number(values.seeds);
  const groups = values.groups?.split(',');
  const chosen = panels(ours).filter(({ group }) => groups === undefined || groups.includes(group)).map((panel) => (small ? { ...panel, arrivals: SMALL.arrivals, loads: panel.loads.length > 1 ? SMALL.loads : panel.loads } : panel));
  const { results, played } = await play(cellsOf(chosen, seeds), values.workers === undefined ? availableParallelism() : Number(values.workers));
  const points = pointsOf(results);
  const capacities = new Map(chosen.map((panel) => [panel.name, capacityOf(panel.scenario)]));
  const cold = groups === undefined ? Array.from({ length: seeds }, (_, i) => coldStart(i + 1)) : [];
  const bars = [...barsOf(points, { ours, capacities }), ...coldBars(cold)];
  const result: GoodputResult = {
    ours, panels: chosen.map(({ name, group, scenario, loads }) => ({ name, group, loads, capacityPerSecond: capacityOf(scenario) })), points, bars, played,
    cold: cold.map(({ batches, followedMicros, answered, exploringLate }) => ({ batches, followedMicros, answered, exploringLate })), trace: cold[0]?.trace ?? [],
  };
  const measured = { bench: 'goodput', seed: 1, parameters: { seeds, small, ours, arrivals: chosen[0]?.arrivals, groups: groups ?? 'all' }, result };
  say(`\n${textTable(barsTable(bars, { judged: !small }))}`);
  writeResult(values.json, measured);
  if (values.pictures !== undefined) {
    mkdirSync(values.pictures, { recursive: true });
    writeFileSync(join(values.pictures, 'goodput.html'), goodputPage(stamp(measured)));
    for (const [name, svg] of goodputPictures(result)) writeFileSync(join(values.pictures, `${name}.svg`), svg);
  }
  process.exitCode = small || bars.every(({ pass }) => pass) ? 0 : 1;
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    await goodput();
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 2;
  }
}
