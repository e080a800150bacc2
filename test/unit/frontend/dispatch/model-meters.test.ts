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
