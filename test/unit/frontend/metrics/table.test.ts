import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMetric, METRICS, unitsPerBase, type MetricRow } from '../../../../frontend/metrics/table.ts';

const ROWS = Object.entries<MetricRow>(METRICS);

test('names follow the conventions of Prometheus', () => {
  for (const [name, row] of ROWS) {
    assert.match(name, /^tradewind_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith('_total'), row.kind === 'counter', `${name}: counters, and only they, end with _total`);
    assert.doesNotMatch(name, /micros|millis|_ms|_us/, `${name}: base units only`);
    assert.ok(row.help.endsWith('.'), name);
    assert.equal(new Set(row.labels).size, row.labels.length, name);
    for (const label of row.labels) assert.match(label, /^[a-z]+$/, name);
    assert.ok(!row.labels.includes('le'), name);
  }
});

test('histograms, and only they, have rising bounds', () => {
  for (const [name, { kind, bounds }] of ROWS) {
    assert.equal(bounds !== undefined, kind === 'histogram', name);
    for (let i = 1; i < (bounds?.length ?? 0); i++) assert.ok((bounds?.[i] ?? 0) > (bounds?.[i - 1] ?? 0), `${name}: bound ${i}`);
  }
});

test('latency buckets are dense about 1 ms and reach from 100 µs to 10 s', () => {
  const { bounds } = METRICS.tradewind_request_seconds;
  assert.ok(bounds !== undefined);
  assert.ok(bounds.includes(100) && bounds.includes(1_000));
  assert.equal(bounds.at(-1), 10_000_000);
  assert.ok(bounds.filter((bound) => bound >= 500 && bound <= 1_500).length >= 8);
});

test('seconds are fed in microseconds, all else as it is', () => {
  assert.equal(unitsPerBase('tradewind_request_seconds'), 1_000_000);
  assert.equal(unitsPerBase('tradewind_batch_rows'), 1);
  assert.equal(isMetric('tradewind_batch_rows'), true);
  assert.equal(isMetric('__proto__'), false);
});
