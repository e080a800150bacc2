import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricSum } from '../../../../bench/broker/metrics.ts';

const TEXT = '# HELP open_total x\nopen 3\nopen_total{app="a"} 4\nopen_total{app="b"} 0.5\nopen_totals 100\n';

test('a metric is summed over its labels, and only it', () => {
  assert.equal(metricSum(TEXT, 'open'), 3);
  assert.equal(metricSum(TEXT, 'open_total'), 4.5);
  assert.equal(metricSum(TEXT, 'open_total', { app: 'b' }), 0.5);
  assert.equal(metricSum(TEXT, 'nothing'), 0);
});
