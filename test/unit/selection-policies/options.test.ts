import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../selection-policies/options.ts';

const TABLE = {
  rate: { type: 'number', default: 0.5, min: 0, max: 1, help: '' },
  count: { type: 'integer', default: 3, min: 1, max: 10, help: '' },
  weights: { type: 'weights', max: 2, help: '' },
  features: { type: 'names', max: 2, help: '' },
} as const;

test('what is not said takes its default', () => {
  assert.deepEqual(readOptions(TABLE, {}), { values: { rate: 0.5, count: 3, weights: new Map(), features: [] } });
});

test('what is said is read', () => {
  const raw = { rate: 1, count: 10, weights: { a: 1, b: 0 }, features: ['x', 'y'] };
  assert.deepEqual(readOptions(TABLE, raw), { values: { ...raw, weights: new Map([['a', 1], ['b', 0]]) } });
});

test('every fault is told at once, never clamped', () => {
  for (const [option, wrong] of [
    ['rate', 1.01], ['rate', Number.NaN], ['rate', '1'], ['count', 2.5], ['count', 0], ['count', null],
    ['weights', { a: 1, b: 1, c: 1 }], ['weights', { a: -1 }], ['weights', [1]], ['weights', { a: '1' }],
    ['features', ['x', 'x']], ['features', ['x', 'y', 'z']], ['features', ['']], ['features', 'x'], ['other', 1], ['constructor', 1],
  ] as const) {
    const read = readOptions(TABLE, { [option]: wrong });
    assert.ok('faults' in read && read.faults.length === 1 && read.faults[0]?.option === option, `${option} ${JSON.stringify(wrong)}`);
  }
  const read = readOptions(TABLE, { rate: 2, count: 0, other: 1 });
  assert.ok('faults' in read);
  assert.deepEqual(read.faults.map(({ option, expected }) => [option, expected]), [
    ['other', 'one of rate, count, weights, features'], ['rate', '0 to 1'], ['count', 'an integer, 1 to 10'],
  ]);
});
