import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedCount } from '../../../../frontend/protocols/refused-count.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';

test('each code has its own count', () => {
  const meter = new RecordingMeter();
  const refused = new RefusedCount(meter);
  for (const code of ['overloaded', 'wrong_shape', 'overloaded'] as const) refused.add(code);
  assert.deepEqual(['overloaded', 'wrong_shape', 'not_json'].map((code) => meter.value('tradewind_refused_total', { code })), [2, 1, 0]);
});
