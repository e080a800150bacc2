import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelMeters } from '../../../../../frontend/dispatch/model-meters.ts';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { readModels } from '../../../../../frontend/metrics/history/model-reading.ts';

test('what is counted of a model version is found under its key', () => {
  const meter = new CellMeter();
  const meters = new ModelMeters(meter, 'digits', 3);
  meters.depth(12);
  meters.waited(300);
  meters.shed('infeasible', 1, 4);
  meters.shed('infeasible', 0, 1);
  meters.outlook({ plannedRows: 32, rowMicros: 20, batchMicros: 900 });
  meter.set(meter.cell('tradewind_replicas', { model: 'digits', version: '3', state: 'ready' }), 2);
  const rows = meter.cell('tradewind_batch_rows', { model: 'digits', version: '3' });
  meter.observe(rows, 8);
  meter.observe(rows, 5);
  const reading = readModels(meter).get('digits@3');
  const { rows: sent, batches, 'shed:infeasible': shed } = Object.fromEntries(reading?.counters ?? []);
  assert.deepEqual([sent, batches, shed], [13, 2, 5]);
  const { queue, planned, lawRowMicros, lawBatchMicros, 'replicas:ready': ready } = Object.fromEntries(reading?.gauges ?? []);
  assert.deepEqual([queue, planned, lawRowMicros, lawBatchMicros, ready], [12, 32, 20, 900, 2]);
  assert.equal(Array.from(reading?.histograms.get('wait')?.counts ?? []).reduce((a, b) => a + b, 0), 1);
});
