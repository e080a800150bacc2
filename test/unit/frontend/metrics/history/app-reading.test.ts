import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellMeter } from '../../../../../frontend/metrics/cells.ts';
import { draftOf, raise, readApps, timesOf } from '../../../../../frontend/metrics/history/app-reading.ts';

test('what is counted of an app has one name each, and adds up', () => {
  const meter = new CellMeter();
  const add = (source: string, reason: string, by: number): void => meter.add(meter.cell('tradewind_requests_total', { app: 'digits', source, reason }), by);
  add('model', '', 80);
  add('ensemble', '', 5);
  add('default', 'infeasible', 10);
  add('error', 'row_failed', 5);
  meter.add(meter.cell('tradewind_slo_total', { app: 'digits', outcome: 'on_time' }), 82);
  meter.add(meter.cell('tradewind_slo_total', { app: 'digits', outcome: 'late' }), 18);
  meter.add(meter.cell('tradewind_decisions_total', { app: 'digits', arm: 'mlp', mode: 'policy' }), 60);
  meter.add(meter.cell('tradewind_decisions_total', { app: 'digits', arm: 'mlp', mode: 'pinned' }), 4);
  meter.observe(meter.cell('tradewind_request_seconds', { app: 'digits' }), 70);
  const reading = readApps(meter).get('digits');
  assert.deepEqual(Object.fromEntries(reading?.counters ?? []), { 'answers': 100, 'good': 82, 'late': 3, 'default:infeasible': 10, 'error:row_failed': 5, 'arm:mlp': 64 });
  assert.equal(reading?.histograms.get('answer')?.counts[1], 1);
});

test('a reading is a copy', () => {
  const meter = new CellMeter();
  const cell = meter.cell('tradewind_request_seconds', { app: 'a' });
  const before = readApps(meter).get('a');
  meter.observe(cell, 70);
  assert.equal(before?.histograms.get('answer')?.counts[1], 0);
});

test('arms past a bound are one', () => {
  const meter = new CellMeter();
  for (let i = 0; i < 40; i++) meter.add(meter.cell('tradewind_decisions_total', { app: 'a', arm: `m${i}`, mode: 'policy' }), 1);
  const arms = [...(readApps(meter).get('a')?.counters ?? [])].filter(([name]) => name.startsWith('arm:'));
  assert.equal(arms.length, 17);
  assert.equal(arms.reduce((sum, [, count]) => sum + count, 0), 40);
});

test('drafts, sums and times are what readers are made of', () => {
  const drafts: Parameters<typeof draftOf>[0] = new Map();
  raise(draftOf(drafts, 'a').counters, 'x', 2);
  raise(draftOf(drafts, 'a').counters, 'x', 3);
  assert.equal(drafts.get('a')?.counters.get('x'), 5);
  const times = timesOf('tradewind_request_seconds', { labels: {}, values: Float64Array.of(9, 1, 2) });
  assert.deepEqual([...times.counts], [1, 2]);
});
