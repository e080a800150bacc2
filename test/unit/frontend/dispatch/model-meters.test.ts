import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../../../frontend/batching/task.ts';
import type { Gather } from '../../../../frontend/dispatch/gather.ts';
import { ModelMeters } from '../../../../frontend/dispatch/model-meters.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';

const LABELS = { model: 'm', version: '2' };

test('batches count by outcome; only finished ones tell how long one takes', () => {
  const meter = new RecordingMeter();
  const meters = new ModelMeters(meter, 'm', 2);
  const batch: Batch<Gather> = { id: 1, replica: 'r', slices: [], rows: 4, sentAtMicros: 0, deadlineAtMicros: 1, sloMicros: 1, hungAtMicros: 1, full: false };
  meters.batch({ batch, endedAtMicros: 10, outcome: 'done', computeMicros: 5, unanswered: [] });
  meters.batch({ batch, endedAtMicros: 10, outcome: 'lost', unanswered: [] });
  meters.depth(7);
  meters.waited(3);
  meters.cancelled(0);
  meters.cancelled(2);
  assert.equal(meter.value('tradewind_batches_total', { ...LABELS, outcome: 'done' }), 1);
  assert.equal(meter.value('tradewind_batches_total', { ...LABELS, outcome: 'lost' }), 1);
  assert.equal(meter.value('tradewind_batch_rows', LABELS), 2);
  assert.equal(meter.value('tradewind_batch_service_seconds', LABELS), 1);
  assert.equal(meter.value('tradewind_batch_compute_seconds', LABELS), 1);
  assert.equal(meter.value('tradewind_queue_rows', LABELS), 7);
  assert.equal(meter.value('tradewind_queue_wait_seconds', LABELS), 1);
  assert.equal(meter.value('tradewind_cancelled_rows_total', LABELS), 2);
});

test('rows that are let go count by reason and priority, late ones of a larger batch than any before as the price of learning', () => {
  const meter = new RecordingMeter();
  const meters = new ModelMeters(meter, 'm', 2);
  meters.shed('infeasible', 2, 3);
  meters.shed('infeasible', 2, 1);
  meters.shed('queue_full', 0, 1);
  assert.equal(meter.value('tradewind_shed_rows_total', { ...LABELS, reason: 'infeasible', priority: 'sheddable' }), 4);
  assert.equal(meter.value('tradewind_shed_rows_total', { ...LABELS, reason: 'queue_full', priority: 'critical' }), 1);
  const slices = [{ task: { deadlineAtMicros: 5 }, first: 0, count: 2 }, { task: { deadlineAtMicros: 50 }, first: 0, count: 1 }];
  const batch = { id: 1, replica: 'r', slices, rows: 3, sentAtMicros: 0, deadlineAtMicros: 5, sloMicros: 1, hungAtMicros: 1, full: false } as unknown as Batch<Gather>;
  meters.batch({ batch: { ...batch, exploring: true }, endedAtMicros: 10, outcome: 'done', unanswered: [] });
  meters.batch({ batch, endedAtMicros: 10, outcome: 'done', unanswered: [] });
  assert.equal(meter.value('tradewind_exploring_late_rows_total', LABELS), 2);
});

test('the outlook is shown as gauges', () => {
  const meter = new RecordingMeter();
  new ModelMeters(meter, 'm', 2).outlook({ plannedRows: 80, rowMicros: 100, batchMicros: 2_000 });
  assert.deepEqual(['tradewind_planned_batch_rows', 'tradewind_law_row_seconds', 'tradewind_law_batch_seconds'].map((name) => meter.value(name, LABELS)), [80, 100, 2_000]);
});
