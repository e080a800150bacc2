import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appFigures, modelFigures } from '../../../../../frontend/http/dashboard/figures.ts';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { Watch } from '../../../../../frontend/metrics/history/watch.ts';

const APP = { name: 'digits', sloMs: 20, policy: 'static', arms: ['mlp'], steered: [] };
const MODEL = { key: 'mlp@1', model: 'mlp', version: 1, labels: [], sloMs: 20, desired: 2 };

test('an app is told by the last ten seconds and by the last minutes', () => {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  const request = (source: string, reason: string, by: number): void => meter.add(meter.cell('tradewind_requests_total', { app: 'digits', source, reason }), by);
  for (let second = 0; second <= 20; second++) {
    watch.sample(second * 1_000);
    request('model', '', 8);
    request('default', 'infeasible', 2);
    meter.add(meter.cell('tradewind_slo_total', { app: 'digits', outcome: 'on_time' }), 7);
    meter.observe(meter.cell('tradewind_request_seconds', { app: 'digits' }), 900);
  }
  const figures = appFigures(APP, watch.track('app', 'digits'));
  assert.deepEqual([figures.answersPerSecond, figures.goodPerSecond], [10, 7]);
  assert.deepEqual(figures.misses, [{ source: 'default', reason: 'infeasible', perSecond: 2 }, { reason: 'late', perSecond: 1 }]);
  assert.deepEqual(figures.fiveMinutes, { answers: 190, good: 133 });
  assert.ok(figures.p99Ms !== null && figures.p99Ms > 0.8 && figures.p99Ms <= 0.9);
});

test('an app that was never asked has no figures, and no faults', () => {
  const figures = appFigures(APP, undefined);
  assert.deepEqual([figures.answersPerSecond, figures.p99Ms, figures.misses, figures.hour], [0, null, [], { answers: 0, good: 0 }]);
});

test('a model version is told with its replicas by state and the rows that were let go', () => {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  const labels = { model: 'mlp', version: '1' };
  for (const [state, count] of [['ready', 1], ['crash_loop', 1], ['starting', 0]] as const) meter.set(meter.cell('tradewind_replicas', { ...labels, state }), count);
  const shed = meter.cell('tradewind_shed_rows_total', { ...labels, reason: 'queue_full', priority: 'normal' });
  for (let second = 0; second <= 10; second++) {
    watch.sample(second * 1_000);
    meter.add(shed, 3);
    meter.observe(meter.cell('tradewind_batch_rows', labels), 4);
  }
  const figures = modelFigures(MODEL, watch.track('model', 'mlp@1'), watch.reading('model', 'mlp@1'));
  assert.deepEqual(figures.replicas, { ready: 1, crash_loop: 1 });
  assert.deepEqual(figures.shed, [{ reason: 'queue_full', perSecond: 3 }]);
  assert.equal(figures.rowsPerSecond / figures.batchesPerSecond, 4);
});
