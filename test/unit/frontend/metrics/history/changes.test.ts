import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { appOf, APP_METRICS } from '../../../../../frontend/metrics/history/app-reading.ts';
import { Changes } from '../../../../../frontend/metrics/history/changes.ts';

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
  assert.deepEqual([look(), [...changes.look(meter).subjects]], [[], ['a']]);
  meter.add(answers('b', 'x'), 2);
  assert.deepEqual(look(), ['b']);
});
