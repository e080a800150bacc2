import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { Watch, WHOLE } from '../../../../../frontend/metrics/history/watch.ts';

function answer(meter: CellMeter, app: string, count: number): void {
  meter.add(meter.cell('tradewind_requests_total', { app, source: 'model', reason: '' }), count);
  meter.add(meter.cell('tradewind_slo_total', { app, outcome: 'on_time' }), count);
}

test('each app has its own history, and the broker that of all, though apps come and go', () => {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  answer(meter, 'a', 1_000);
  watch.sample(1_000);
  for (let second = 2; second <= 6; second++) {
    answer(meter, 'a', 3);
    if (second > 3) answer(meter, 'b', 2);
    watch.sample(second * 1_000);
  }
  meter.forget({ app: 'a' });
  answer(meter, 'b', 2);
  watch.sample(7_000);
  assert.deepEqual([...watch.names('app')], ['b']);
  assert.equal(watch.track('app', 'a'), undefined);
  const whole = watch.track('broker', WHOLE);
  assert.deepEqual([...(whole?.ring('5m').read().columns.get('answers') ?? [])], [3, 3, 5, 5, 5, 2]);
});

test('models are told by their keys, with what was read last', () => {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  meter.set(meter.cell('tradewind_queue_rows', { model: 'm', version: '2' }), 5);
  watch.sample(1_000);
  assert.deepEqual([...watch.names('model')], ['m@2']);
  assert.equal(watch.reading('model', 'm@2')?.gauges.get('queue'), 5);
  assert.equal(watch.reading('app', 'm@2'), undefined);
});

test('subjects are bounded', () => {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  for (let i = 0; i < 700; i++) answer(meter, `app${i}`, 1);
  watch.sample(1_000);
  assert.equal([...watch.names('app')].length, 512);
});
