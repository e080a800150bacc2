import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, coldBars, pointsOf } from '../../../../bench/goodput/bars.ts';
import type { CellResult } from '../../../../bench/goodput/cell.ts';

function cell(more: Partial<CellResult>): CellResult {
  return { panel: 'p', group: 'plain', load: 2, rule: 'ours', seed: 1, offered: 100, onTime: 40, late: 0, exploringLate: 0, exploringLateBefore: 0, missed: {}, streams: [], perSecond: 10, meanRows: 4, latenciesMs: [1, 2], ...more };
}

const NO_CAPACITIES = { ours: 'ours', capacities: new Map<string, number>() };

test('seeds of one point are added, and its share is of what the clairvoyant does', () => {
  const points = pointsOf([
    cell({ seed: 1, onTime: 40, missed: { infeasible: 60 } }), cell({ seed: 2, onTime: 44, missed: { infeasible: 50, queue_full: 6 }, latenciesMs: [3, 4] }),
    cell({ rule: 'clairvoyant', onTime: 50 }), cell({ rule: 'clairvoyant', onTime: 50, seed: 2 }),
  ]);
  const ours = points.find(({ rule }) => rule === 'ours');
  assert.equal(ours?.offered, 200);
  assert.equal(ours?.share, 0.84);
  assert.deepEqual(ours?.missed, { infeasible: 110, queue_full: 6 });
  assert.deepEqual(ours?.latenciesMs, [2, 3]);
});

test('without a clairvoyant the share is of what capacity allows', () => {
  const [over, under] = pointsOf([cell({ onTime: 40 }), cell({ load: 0.5, onTime: 90 })]);
  assert.equal(over?.share, 0.8);
  assert.equal(under?.share, 0.9);
});

test('a bar that a rival passes by more than is allowed is missed, and says where', () => {
  const results = (rival: number): CellResult[] => [cell({}), cell({ rule: 'by-rate', onTime: rival }), cell({ rule: 'clairvoyant', onTime: 50 })];
  const bar = (rival: number) => barsOf(pointsOf(results(rival)), NO_CAPACITIES).find(({ what }) => what.includes('by-rate'));
  assert.equal(bar(40)?.pass, true);
  assert.equal(bar(40.1)?.pass, true);
  assert.equal(bar(40.2)?.pass, false);
  assert.equal(bar(40.2)?.figure, '−0.40 points at worst');
  assert.equal(bar(40.2)?.worst, 'p, load 2, against by-rate');
});

test('groups that were not played have no bar', () => {
  assert.deepEqual(barsOf([], NO_CAPACITIES), []);
  const what = barsOf(pointsOf([cell({ group: 'flood', streams: [{ offered: 10, onTime: 1 }, { offered: 200, onTime: 199 }] })]), NO_CAPACITIES);
  assert.deepEqual(what.map(({ figure, pass }) => [figure, pass]), [['99.50 %', true], ['0.000 %', true], ['0.000 %', true], ['0.0 a run, 0 at most', true]]);
});

test('answers that were computed late are counted over everything but noise', () => {
  const late = (results: CellResult[]) => barsOf(pointsOf(results), NO_CAPACITIES).find(({ what }) => what.includes('computed but late'));
  assert.equal(late([cell({ onTime: 999, late: 1 })])?.pass, true);
  assert.equal(late([cell({ onTime: 998, late: 2 })])?.pass, false);
  assert.equal(late([cell({ group: 'noise', late: 100 })]), undefined);
});

test('where many rules share a queue, ours is held against each other one, its own kin too, but no oracle', () => {
  for (const group of ['mixed', 'alike', 'unequal'] as const) {
    const bar = (rule: string) => barsOf(pointsOf([cell({ group }), cell({ group, rule: 'by-rate' }), cell({ group, rule, onTime: 41 })]), NO_CAPACITIES).find(({ what }) => what.includes('every other rule'));
    for (const rule of ['fixed', 'aimd', 'quantile', 'triton']) {
      assert.equal(bar(rule)?.pass, false, `${group}: ${rule}`);
      assert.equal(bar(rule)?.worst, `p, load 2, against ${rule}`);
    }
    assert.equal(bar('best-online')?.pass, true);
  }
});

test('what came late because a size was tried is counted over all points of ours, noise with it', () => {
  const bar = (exploringLate: number) =>
    barsOf(pointsOf([cell({ onTime: 500 }), cell({ group: 'noise', onTime: 400, late: 100, exploringLate }), cell({ rule: 'other', late: 50, exploringLate: 50 })]), NO_CAPACITIES).find(({ what }) => what.includes('learn from'));
  assert.deepEqual([bar(1)?.figure, bar(1)?.pass], ['0.100 %', true]);
  assert.equal(bar(2)?.pass, false);
});

test('what came late so in the warm-up is told, and where it was most', () => {
  const bars = barsOf(pointsOf([cell({ exploringLateBefore: 1 }), cell({ seed: 2, exploringLateBefore: 4 }), cell({ load: 4, exploringLateBefore: 20 })]), NO_CAPACITIES);
  const told = bars.find(({ what }) => what.includes('from cold'));
  assert.deepEqual([told?.figure, told?.bar, told?.worst], ['11.3 a run, 20 at most', 'reported', 'p, load 4']);
});

test('from cold the slowest seed counts, and what was late for trying over all of them', () => {
  const bars = (exploringLate: number) => coldBars([{ batches: 50, followedMicros: 1e6, answered: 1000, exploringLate }, { batches: 60, followedMicros: 5e5, answered: 1000, exploringLate: 0 }]);
  assert.deepEqual(bars(2).map(({ figure, pass }) => [figure, pass]), [['60', true], ['1.00 s', true], ['0.100 %', true]]);
  assert.equal(bars(3)[2]?.pass, false);
});

test('the gap to the bound is said of mixed SLOs and of unequal replicas apart', () => {
  const of = (group: CellResult['group'], onTime: number): CellResult[] => [cell({ panel: group, group, onTime }), cell({ panel: group, group, rule: 'clairvoyant', onTime: 50 })];
  const gaps = barsOf(pointsOf([...of('bound-mixed', 40), ...of('bound-unequal', 45)]), NO_CAPACITIES).filter(({ what }) => what.includes('an upper bound'));
  assert.deepEqual(gaps.map(({ what, figure }) => [what.split(':')[0], figure]), [['mixed SLOs', '0.800 to 0.800'], ['four replicas, one 3 × slower', '0.900 to 0.900']]);
});
