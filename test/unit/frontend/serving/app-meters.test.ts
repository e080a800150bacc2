import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppMeters } from '../../../../frontend/serving/app-meters.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';

test('only what a model answered inside the SLO is on time', () => {
  const meter = new RecordingMeter();
  const meters = new AppMeters(meter, 'a');
  meters.answered({ slot: 0, latencyMicros: 900, ok: true, source: 'model', rows: [] }, 1000);
  meters.answered({ slot: 0, latencyMicros: 1100, ok: true, source: 'model', rows: [] }, 1000);
  meters.answered({ slot: 0, latencyMicros: 10, ok: true, source: 'default', rows: [], reason: 'no_replica' }, 1000);
  meters.answered({ slot: 0, latencyMicros: 10, ok: false, failure: { code: 'queue_full', message: '' } }, 1000);
  const requests = (source: string, reason: string): number => meter.value('tradewind_requests_total', { app: 'a', source, reason });
  assert.deepEqual([requests('model', ''), requests('default', 'no_replica'), requests('error', 'queue_full')], [2, 1, 1]);
  assert.equal(meter.value('tradewind_slo_total', { app: 'a', outcome: 'on_time' }), 1);
  assert.equal(meter.value('tradewind_slo_total', { app: 'a', outcome: 'late' }), 3);
  assert.equal(meter.value('tradewind_request_seconds', { app: 'a' }), 4);
});
