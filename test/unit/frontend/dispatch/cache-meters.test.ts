import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CacheMeters } from '../../../../frontend/dispatch/cache-meters.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';

test('rows are counted by what looking them up came to, evictions where there were some', () => {
  const meter = new RecordingMeter();
  const meters = new CacheMeters(meter, 'm', 2);
  for (const outcome of ['hit', 'hit', 'join', 'miss'] as const) meters.looked(outcome);
  meters.evicted(0);
  meters.evicted(3);
  const counted = (outcome: string): number => meter.value('tradewind_cache_rows_total', { model: 'm', version: '2', outcome });
  assert.deepEqual([counted('hit'), counted('join'), counted('miss'), meter.value('tradewind_cache_evictions_total')], [2, 1, 1, 3]);
});
