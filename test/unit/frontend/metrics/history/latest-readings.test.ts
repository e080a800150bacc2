import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { APP_METRICS, appOf, readApps } from '../../../../../frontend/metrics/history/app-reading.ts';
import { LatestReadings } from '../../../../../frontend/metrics/history/latest-readings.ts';

test('who stands still keeps the reading, and only the others are read', () => {
  const meter = new CellMeter();
  const asked: string[][] = [];
  const latest = new LatestReadings({ metrics: APP_METRICS, subjectOf: appOf, read: (from, only) => (asked.push([...only]), readApps(from, only)) });
  const answer = (app: string): void => meter.add(meter.cell('tradewind_requests_total', { app, source: 'model', reason: '' }), 1);
  answer('a');
  answer('b');
  latest.look(meter);
  const [a, b] = [latest.readings.get('a'), latest.readings.get('b')];
  latest.look(meter);
  answer('b');
  latest.look(meter);
  assert.deepEqual(asked, [['a', 'b'], ['b']]);
  assert.equal(latest.readings.get('a'), a);
  assert.deepEqual([b?.counters.get('answers'), latest.readings.get('b')?.counters.get('answers')], [1, 2]);
  meter.forget({ app: 'a' });
  latest.look(meter);
  assert.deepEqual([...latest.readings.keys()], ['b']);
});
