import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, type Reading } from '../../../../../frontend/metrics/history/reading.ts';

function reading(counters: Record<string, number>, counts: readonly number[] = [0, 0, 0]): Reading {
  return { counters: new Map(Object.entries(counters)), gauges: new Map(), histograms: new Map([['answer', { boundsMicros: [1_000, 2_000], counts }]]) };
}

test('rates are per second, of what rose', () => {
  const { rates } = difference(reading({ answers: 10, good: 5 }), reading({ answers: 30, good: 5, late: 4 }), 2_000);
  assert.deepEqual([...rates], [['answers', 10], ['late', 2]]);
});

test('a counter that fell was begun anew', () => {
  assert.equal(difference(reading({ answers: 100 }), reading({ answers: 3 }), 1_000).rates.get('answers'), 3);
});

test('quantiles are of what came between, in milliseconds', () => {
  const { quantiles } = difference(reading({}, [90, 0, 0]), reading({}, [90, 10, 0]), 1_000);
  assert.equal(quantiles.get('answer.p50'), 1.5);
  assert.ok((quantiles.get('answer.p99') ?? 0) > 1.9);
  assert.equal(difference(reading({}, [90, 0, 0]), reading({}, [90, 0, 0]), 1_000).quantiles.size, 0);
});
