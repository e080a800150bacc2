import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../frontend/metrics/cells.ts';
import { METRICS } from '../../../../frontend/metrics/table.ts';

const MODEL = { model: 'm', version: '1' };

function value(meter: CellMeter, metric: 'tradewind_queue_rows' | 'tradewind_cancelled_rows_total', model = 'm'): number | undefined {
  return meter.read(metric).find((series) => series.labels['model'] === model)?.values[0];
}

test('the same labels give the same cell, in whatever order; others another', () => {
  const meter = new CellMeter();
  const cell = meter.cell('tradewind_queue_rows', { model: 'm', version: '1' });
  assert.equal(meter.cell('tradewind_queue_rows', { version: '1', model: 'm' }), cell);
  assert.notEqual(meter.cell('tradewind_queue_rows', { model: 'm', version: '2' }), cell);
  assert.notEqual(meter.cell('tradewind_cancelled_rows_total', MODEL), cell);
});

test('counters add up, gauges stand where they were set', () => {
  const meter = new CellMeter();
  const rows = meter.cell('tradewind_queue_rows', MODEL);
  const cancelled = meter.cell('tradewind_cancelled_rows_total', MODEL);
  meter.set(rows, 9);
  meter.add(rows, -2);
  meter.add(cancelled, 1);
  meter.add(cancelled, 4);
  assert.equal(value(meter, 'tradewind_queue_rows'), 7);
  assert.equal(value(meter, 'tradewind_cancelled_rows_total'), 5);
});

test('a histogram counts each value in the first bucket that holds it', () => {
  const meter = new CellMeter();
  const cell = meter.cell('tradewind_batch_rows', MODEL);
  const bounds = METRICS.tradewind_batch_rows.bounds ?? [];
  for (const rows of [1, 2, 3, 4, 4_096, 4_097]) meter.observe(cell, rows);
  const [sum, ...buckets] = meter.read('tradewind_batch_rows')[0]?.values ?? [];
  assert.equal(sum, 1 + 2 + 3 + 4 + 4_096 + 4_097);
  assert.equal(buckets.length, bounds.length + 1);
  assert.deepEqual(buckets.map((count, i) => [bounds[i] ?? Number.POSITIVE_INFINITY, count]).filter(([, count]) => count !== 0), [[1, 1], [2, 1], [4, 2], [4_096, 1], [Number.POSITIVE_INFINITY, 1]]);
});

test('what is forgotten is gone, and a late update for it touches nobody', () => {
  const meter = new CellMeter({ slots: 64 });
  const old = meter.cell('tradewind_queue_rows', { model: 'old', version: '1' });
  const other = meter.cell('tradewind_queue_rows', { model: 'other', version: '1' });
  meter.set(old, 5);
  meter.set(other, 6);
  meter.forget({ model: 'old' });
  assert.equal(value(meter, 'tradewind_queue_rows', 'old'), undefined);
  assert.equal(value(meter, 'tradewind_queue_rows', 'other'), 6);
  const fresh = meter.cell('tradewind_queue_rows', { model: 'fresh', version: '1' });
  assert.notEqual(fresh, old);
  meter.set(old, 99);
  meter.add(old, 99);
  assert.equal(value(meter, 'tradewind_queue_rows', 'fresh'), 0);
  assert.equal(meter.drops, 0);
});

test('forgets by some of the labels, across metrics; nothing by none', () => {
  const meter = new CellMeter();
  for (const version of ['1', '2']) {
    meter.cell('tradewind_queue_rows', { model: 'm', version });
    meter.cell('tradewind_batches_total', { model: 'm', version, outcome: 'done' });
  }
  meter.forget({});
  assert.equal(meter.read('tradewind_queue_rows').length, 2);
  meter.forget({ model: 'm', version: '2' });
  assert.deepEqual(meter.read('tradewind_batches_total').map((series) => series.labels['version']), ['1']);
  meter.forget({ model: 'm' });
  assert.equal(meter.read('tradewind_queue_rows').length, 0);
});

test('models that come and go for ever need no more room', () => {
  const meter = new CellMeter({ slots: 400 });
  for (let i = 0; i < 10_000; i++) {
    const labels = { model: `m${i}`, version: '1' };
    meter.observe(meter.cell('tradewind_request_seconds', { app: `a${i}` }), 100);
    meter.observe(meter.cell('tradewind_batch_rows', labels), 1);
    meter.forget(labels);
    meter.forget({ app: `a${i}` });
  }
  assert.equal(meter.drops, 0);
  assert.equal(meter.read('tradewind_batch_rows').length, 0);
});

test('past the bound, updates are counted, whatever their amount, and disturb nothing', () => {
  const fromTheStart = Object.values(METRICS).filter(({ labels, onceSet }) => labels.length === 0 && onceSet !== true).length;
  // Room for one more, beside the slot of what finds none.
  const meter = new CellMeter({ slots: 1 + fromTheStart + 1 });
  const fits = meter.cell('tradewind_queue_rows', MODEL);
  const histogram = meter.cell('tradewind_request_seconds', { app: 'a' });
  meter.observe(histogram, 5_000);
  meter.add(histogram, 7);
  meter.set(histogram, 1);
  meter.set(fits, 3);
  assert.equal(meter.drops, 3);
  assert.equal(value(meter, 'tradewind_queue_rows'), 3);
  assert.equal(meter.read('tradewind_request_seconds').length, 0);
});

test('metrics and labels that the table does not have are refused', () => {
  const meter = new CellMeter();
  assert.throws(() => meter.cell('tradewind_nonsense'), /no metric/);
  assert.throws(() => meter.cell('tradewind_queue_rows', { model: 'm' }), /needs the label "version"/);
  assert.throws(() => meter.cell('tradewind_queue_rows', { ...MODEL, app: 'a' }), /has the labels/);
  assert.throws(() => meter.observe(meter.cell('tradewind_queue_rows', MODEL), 1), /not a histogram/);
});
