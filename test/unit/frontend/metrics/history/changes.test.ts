import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { appOf, APP_METRICS } from '../../../../../frontend/metrics/history/app-reading.ts';
import { Changes } from '../../../../../frontend/metrics/history/changes.ts';
import { MODEL_METRICS, versionOf } from '../../../../../frontend/metrics/history/model-reading.ts';

test('a subject has changed when a number, or a series of it, is not what it was', () => {
  const meter = new CellMeter();
  const changes = new Changes({ metrics: APP_METRICS, subjectOf: appOf });
  const look = (): string[] => [...changes.look(meter).changed].sort();
  const answers = (app: string, reason: string): number => meter.cell('tradewind_requests_total', { app, source: 'default', reason });
  meter.add(answers('a', 'x'), 1);
  meter.add(answers('b', 'x'), 1);
  assert.deepEqual(look(), ['a', 'b']);
  assert.deepEqual(look(), []);
  meter.add(answers('b', 'x'), 1);
  assert.deepEqual(look(), ['b']);
  answers('a', 'new, at 0');
  assert.deepEqual(look(), ['a']);
  meter.forget({ app: 'b' });
  assert.deepEqual([look(), [...changes.look(meter).series]], [[], [['a', 2]]]);
  meter.add(answers('b', 'x'), 2);
  assert.deepEqual(look(), ['b']);
});

test('while no series comes or goes, each change is found, wherever in memory it lies', () => {
  const meter = new CellMeter();
  const changes = new Changes({ metrics: MODEL_METRICS, subjectOf: versionOf });
  const cells = Array.from({ length: 40 }, (_, n) => {
    const labels = { model: `m${n}`, version: '1' };
    return { subject: `m${n}@1`, gauge: meter.cell('tradewind_queue_rows', labels), times: meter.cell('tradewind_queue_wait_seconds', labels) };
  });
  for (let i = 0; i < 3; i++) changes.look(meter);
  for (const { subject, gauge, times } of cells) {
    meter.set(gauge, 1);
    assert.deepEqual([...changes.look(meter).changed], [subject]);
    for (const micros of [0, 1_000, 60_000_000]) {
      meter.observe(times, micros);
      assert.deepEqual([...changes.look(meter).changed], [subject], `${micros} µs`);
    }
    assert.equal(changes.look(meter).changed.size, 0);
  }
  for (const { gauge } of cells) meter.set(gauge, 2);
  assert.equal(changes.look(meter).changed.size, 40);
  meter.add(meter.cell('tradewind_open_queries'), 1);
  assert.deepEqual([...changes.look(meter).changed], [], 'what nobody watches is no change');
});
