import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BARS, cacheRow, coreRow, coreTable } from '../../../../bench/core/result.ts';
import { STAGES, type Stage } from '../../../../bench/core/stage-times.ts';

const run = {
  queries: 1, onTimeShare: 1, meanBatchRows: 100, cpuMicrosPerQuery: 0.5, queriesPerSecond: 2e6,
  stageMicrosPerQuery: Object.fromEntries(STAGES.map((stage) => [stage, 0.1])) as Record<Stage, number>,
};
const row = { rule: 'aimd', load: 0.5, run, heapGrowthBytes: 0 };

test('too slow, too late, or a heap that grows: each misses', () => {
  assert.equal(coreRow(row).pass, true);
  assert.equal(coreRow({ ...row, run: { ...run, queriesPerSecond: BARS.queriesPerSecond - 1 } }).pass, false);
  assert.equal(coreRow({ ...row, run: { ...run, onTimeShare: 0.98 } }).pass, false);
  assert.equal(coreRow({ ...row, heapGrowthBytes: BARS.heapBytes + 1 }).pass, false);
  const hits = { hits: 1, cpuMicrosPerHit: 1, hitsPerSecond: BARS.hitsPerSecond };
  assert.equal(cacheRow({ run: hits, heapGrowthBytes: 0 }).pass, true);
  assert.equal(cacheRow({ run: { ...hits, hitsPerSecond: BARS.hitsPerSecond - 1 }, heapGrowthBytes: 0 }).pass, false);
});

test('overload is shown, and held to nothing', () => {
  assert.equal(coreRow({ ...row, load: 2 }).pass, undefined);
});

test('the table is even', () => {
  const cells = coreTable({ rows: [coreRow(row)], cache: cacheRow({ run: { hits: 1, cpuMicrosPerHit: 1, hitsPerSecond: 1e6 }, heapGrowthBytes: 0 }) });
  assert.deepEqual([...new Set(cells.map((line) => line.length))], [STAGES.length + 7]);
});
