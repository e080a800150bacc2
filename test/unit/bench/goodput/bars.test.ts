import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, pointsOf } from '../../../../bench/goodput/bars.ts';
import type { CellResult } from '../../../../bench/goodput/cell.ts';

function cell(more: Partial<CellResult>): CellResult {
  return { panel: 'p', group: 'plain', load: 2, rule: 'ours', seed: 1, offered: 100, onTime: 40, late: 0, missed: {}, streams: [], perSecond: 10, meanRows: 4, latenciesMs: [1, 2], ...more };
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
  assert.deepEqual(what.map(({ figure, pass }) => [figure, pass]), [['99.50 %', true], ['0.000 %', true]]);
});

test('answers that were computed late are counted over everything but noise', () => {
  const late = (results: CellResult[]) => barsOf(pointsOf(results), NO_CAPACITIES).find(({ what }) => what.includes('late'));
  assert.equal(late([cell({ onTime: 999, late: 1 })])?.pass, true);
  assert.equal(late([cell({ onTime: 998, late: 2 })])?.pass, false);
  assert.equal(late([cell({ group: 'noise', late: 100 })]), undefined);
});
