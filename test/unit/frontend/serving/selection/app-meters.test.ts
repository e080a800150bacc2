import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { AppMeters } from '../../../../../frontend/serving/selection/app-meters.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';

const ASKED = { arrivedAtMicros: 5_000_000, sloMicros: 1000, rows: 1 };

test('only what a model answered inside the SLO is on time', () => {
  const meter = new RecordingMeter();
  const meters = new AppMeters(meter, 'a');
  meters.answered({ slot: 0, latencyMicros: 900, ok: true, source: 'model', rows: [] }, ASKED);
  meters.answered({ slot: 0, latencyMicros: 1100, ok: true, source: 'model', rows: [] }, ASKED);
  meters.answered({ slot: 0, latencyMicros: 10, ok: true, source: 'default', rows: [], reason: 'no_replica' }, ASKED);
  meters.answered({ slot: 0, latencyMicros: 10, ok: false, failure: { code: 'queue_full', message: '' } }, ASKED);
  const requests = (source: string, reason: string): number => meter.value('tradewind_requests_total', { app: 'a', source, reason });
  assert.deepEqual([requests('model', ''), requests('default', 'no_replica'), requests('error', 'queue_full')], [2, 1, 1]);
  assert.equal(meter.value('tradewind_slo_total', { app: 'a', outcome: 'on_time' }), 1);
  assert.equal(meter.value('tradewind_slo_total', { app: 'a', outcome: 'late' }), 3);
  assert.equal(meter.value('tradewind_request_seconds', { app: 'a' }), 4);
});

test('it counts who was chosen, what shadows said, and whose hands are on the app', () => {
  const meter = new RecordingMeter();
  const meters = new AppMeters(meter, 'a');
  for (const mode of ['policy', 'policy', 'pinned'] as const) meters.chosen('m', mode);
  const chosen = (mode: string): number => meter.value('tradewind_decisions_total', { app: 'a', arm: 'm', mode });
  assert.deepEqual([chosen('policy'), chosen('pinned')], [2, 1]);
  meters.shadow('n', 'agreed');
  meters.shadow('n', 'missed');
  meters.shadowTook('n', 500);
  const shadow = (outcome: string): number => meter.value('tradewind_shadow_total', { app: 'a', arm: 'n', outcome });
  assert.deepEqual([shadow('agreed'), shadow('missed'), meter.value('tradewind_shadow_seconds', { app: 'a', arm: 'n' })], [1, 1, 1]);
  const hand = (name: string): number => meter.value('tradewind_steered', { app: 'a', hand: name });
  meters.steered(new Set(['pin']));
  assert.deepEqual([hand('pin'), hand('caps')], [1, 0]);
  meters.steered(new Set(['caps']));
  assert.deepEqual([hand('pin'), hand('caps')], [0, 1]);
});

test('an app that is gone leaves no series behind, whatever becomes of its last queries', () => {
  const meter = new CellMeter();
  const { shape, drops } = meter;
  const meters = new AppMeters(meter, 'a');
  meters.forget();
  const forgotten = meter.shape;
  meters.answered({ slot: 0, latencyMicros: 10, ok: true, source: 'default', rows: [], reason: 'expired_in_queue' }, ASKED);
  meters.chosen('m', 'policy');
  meters.shadow('n', 'missed');
  meters.shadowTook('n', 500);
  meters.steered(new Set(['pin']));
  assert.ok(forgotten > shape);
  assert.deepEqual([meter.shape, meter.drops], [forgotten, drops]);
});
