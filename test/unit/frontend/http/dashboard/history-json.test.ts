import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeHistory, writeSparks } from '../../../../../frontend/http/dashboard/history-json.ts';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { Watch } from '../../../../../frontend/metrics/history/watch.ts';

function played(seconds: number): Watch {
  const meter = new CellMeter();
  const watch = new Watch(meter);
  for (let second = 0; second <= seconds; second++) {
    meter.add(meter.cell('tradewind_requests_total', { app: 'a"b', source: 'model', reason: '' }), second % 2 === 0 ? 10 : 20);
    watch.sample(second * 1_000);
  }
  return watch;
}

test('a history is columns of numbers; what is not known is null', async () => {
  const watch = played(3);
  watch.sample(60_000);
  const history = JSON.parse(await writeHistory(watch.track('app', 'a"b'), '5m')) as { stepMs: number; fromMs: number; columns: Record<string, (number | null)[]> };
  assert.deepEqual([history.stepMs, history.fromMs], [1_000, 0]);
  assert.deepEqual(history.columns['answers']?.slice(0, 4), [20, 10, 20, null]);
});

test('who has no history has an empty one', async () => {
  assert.deepEqual(JSON.parse(await writeHistory(undefined, '1d')), { stepMs: 1_000, fromMs: 0, columns: {} });
});

test('a spark is the means of few points, whatever the name of the app', async () => {
  const sparks = JSON.parse(await writeSparks(played(299))) as Record<string, number[]>;
  assert.equal(sparks['a"b']?.length, 59);
  assert.ok(sparks['a"b']?.every((value) => value >= 14 && value <= 16));
});
