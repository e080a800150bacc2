import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, pointsOf } from '../../../../bench/goodput/bars.ts';
import { playCell, type Cell } from '../../../../bench/goodput/cell.ts';
import { goodputPage, goodputPictures } from '../../../../bench/goodput/page.ts';
import { panels } from '../../../../bench/goodput/panels.ts';
import type { GoodputResult } from '../../../../bench/goodput/result.ts';
import { stamp } from '../../../../bench/report/stamp.ts';

function played(): GoodputResult {
  const panel = panels('planner').find(({ name }) => name === '0.1·b + 2 / 20');
  assert.ok(panel !== undefined);
  const cells: Cell[] = [1.2, 4].flatMap((load) => ['planner', 'by-rate', 'clairvoyant'].map((rule) => ({ panel: { ...panel, arrivals: 300 }, load, rule, seed: 1 })));
  const points = pointsOf(cells.map(playCell));
  const trace = [{ atMicros: 1000, rows: 1, micros: 1000, plannedRows: 2, lawRows: 4 }, { atMicros: 2_000_000, rows: 3, micros: 1000, plannedRows: 4, lawRows: 4 }];
  const bars = barsOf(points, { ours: 'planner', capacities: new Map() });
  return { ours: 'planner', panels: [{ name: panel.name, group: panel.group, loads: [1.2, 4], capacityPerSecond: 8000 }], points, bars, cold: [], trace };
}

test('one page holds the bars, the plots and every point, and nothing comes from elsewhere', () => {
  const result = played();
  const page = goodputPage(stamp({ bench: 'goodput', seed: 1, parameters: { seeds: 1 }, result }));
  assert.ok(!/NaN|undefined|Infinity|<script|<link|@import/.test(page));
  assert.deepEqual([...page.matchAll(/\b(?:href|src)="/g)], []);
  const pictures = goodputPictures(result);
  assert.deepEqual([...pictures.keys()], ['goodput-plain-0.1-b-2-20', 'latency-1.2', 'latency-4', 'learning-slow-down', 'learning-cold', 'shedding-rules', 'shedding-loads']);
  for (const name of pictures.keys()) assert.ok(page.includes(`<figure id="${name}">`), name);
  for (const { what } of result.bars) assert.ok(page.includes(what), what);
});

test('no two panels have one name: their points would be thrown together', () => {
  const names = panels('planner').map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});
