import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statisticsSource } from '../../../../frontend/serving/statistics.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

test('a model tells of each of its versions, an app of its answers, nobody of nothing', () => {
  const road = new Road([makeModel({ version: 1 }), makeModel({ version: 2 })], [makeApp()]);
  const source = statisticsSource({ directory: road.directory, apps: road.apps, epochOffsetMicros: 5_000, cacheRows: () => ({ hits: 3, misses: 4 }) });
  const totals = road.directory.queue('m@1')?.totals;
  assert.ok(totals !== undefined);
  totals.lastAtMicros = 1_000_000;
  totals.rows = 7;
  assert.deepEqual(source.of('model', 'm').map(({ version, rows, lastAtEpochMs, cacheHits }) => [version, rows, lastAtEpochMs, cacheHits]), [[1, 7, 1005, 3], [2, 0, 0, 3]]);
  const asked = { arrivedAtMicros: 3_000_000, sloMicros: 1000, rows: 2 };
  road.apps.get('a')?.meters.answered({ slot: 1, latencyMicros: 40, ok: false, failure: { code: 'no_replica', message: '' } }, asked);
  assert.deepEqual(source.of('app', 'a').map(({ success, fail, rows, lastAtEpochMs }) => [success.count, fail, rows, lastAtEpochMs]), [[0, { count: 1, micros: 40 }, 0, 0]]);
  road.apps.get('a')?.meters.answered({ slot: 1, latencyMicros: 2000, ok: true, source: 'model', rows: [] }, asked);
  // perf_analyzer takes the version whose queue has counted for the one that it asked.
  assert.deepEqual(source.of('app', 'a').map(({ success, queue, rows, lastAtEpochMs }) => [success, queue, rows, lastAtEpochMs]), [[{ count: 1, micros: 2000 }, { count: 1, micros: 0 }, 2, 3007]]);
  assert.deepEqual([source.of('model', 'x'), source.of('app', 'x')], [[], []]);
});
