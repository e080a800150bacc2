import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, pointsOf, type Point } from '../../../../bench/goodput/bars.ts';
import { playCell, type Cell } from '../../../../bench/goodput/cell.ts';
import { goodputPage, goodputPictures } from '../../../../bench/goodput/page.ts';
import { boundName, panels } from '../../../../bench/goodput/panels.ts';
import type { GoodputResult } from '../../../../bench/goodput/result.ts';
import { stamp } from '../../../../bench/report/stamp.ts';
import { CONTROLLERS } from '../../../../bench/simulator/rules.ts';

function played(): GoodputResult {
  const panel = panels('planner').find(({ name }) => name === '0.1·b + 2 / 20');
  assert.ok(panel !== undefined);
  const cells: Cell[] = [1.2, 4].flatMap((load) => ['planner', 'by-rate', 'clairvoyant'].map((rule) => ({ panel: { ...panel, arrivals: 300 }, load, rule, seed: 1 })));
  const points = pointsOf(cells.map(playCell));
  const trace = [{ atMicros: 1000, rows: 1, micros: 1000, plannedRows: 2, lawRows: 4 }, { atMicros: 2_000_000, rows: 3, micros: 1000, plannedRows: 4, lawRows: 4 }];
  const bars = barsOf(points, { ours: 'planner', capacities: new Map() });
  return { ours: 'planner', panels: [{ name: panel.name, group: panel.group, loads: [1.2, 4], capacityPerSecond: 8000 }], points, bars, played: { queries: 3300, seconds: 2, workers: 1 }, cold: [], trace };
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
  assert.ok(page.includes('0.0 million queries played in 2 s on 1 thread.'));
});

test('no two panels have one name: their points would be thrown together', () => {
  const names = panels('planner').map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

test('a bound is a curve in the plot of its scenario, and of margins only the best is one', () => {
  const panel = { group: 'mixed' as const, loads: [1.2, 4], capacityPerSecond: 8000 };
  const point = (name: string, rule: string, load: number, share: number): Point =>
    ({ panel: name, group: 'mixed', load, rule, offered: 100, onTime: 100 * share, late: 0, exploringLate: 0, exploringLateBefore: 0, missed: {}, streams: [], perSecond: 0, meanRows: 0, latenciesMs: [], share });
  const shares = { planner: 0.9, 'by-rate@5': 0.5, 'by-rate@10': 0.7, 'by-rate@20': 0.6 };
  const points = [1.2, 4].flatMap((load) => [...Object.entries(shares).map(([rule, share]) => point('m', rule, load, share)), point(boundName('m'), 'clairvoyant', load, 0.95)]);
  const svg = goodputPictures({ ours: 'planner', panels: [{ ...panel, name: 'm' }], points, bars: [], cold: [], trace: [] }).get('goodput-mixed-m') ?? '';
  for (const name of ['planner', 'by-rate@10', 'bound']) assert.ok(svg.includes(`>${name}<`), name);
  for (const name of ['by-rate@5', 'by-rate@20']) assert.ok(!svg.includes(`>${name}<`), name);
});

test('who shares a queue with mixed SLOs or with other replicas is played beside every controller of ours', () => {
  for (const { name, group, rules, arrivals, loads } of panels('planner')) {
    if (!['mixed', 'alike', 'unequal'].includes(group)) continue;
    assert.deepEqual(CONTROLLERS.filter((rule) => !rules.includes(rule)), [], name);
    assert.ok(arrivals >= 48_000 && loads.length === 5, name);
  }
});
