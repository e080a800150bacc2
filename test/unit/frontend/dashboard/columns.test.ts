import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartData, namesOf, rest, shares, stacked } from '../../../../frontend/dashboard/columns.ts';

const HISTORY = { stepMs: 1_000, fromMs: 5_000, columns: { answers: [10, null, 20], good: [8, null, 20], 'default:a': [0, null, 1], 'default:b': [2, null, 0] } };

test('a chart has the time and a column each; what never happened is 0, what is not known a gap', () => {
  assert.deepEqual(chartData(HISTORY, ['answers', 'late', 'answer.p99']), [[5, 6, 7], [10, null, 20], [0, null, 0], [null, null, null]]);
  assert.deepEqual(chartData({ stepMs: 1, fromMs: 0, columns: {} }, ['answers']), [[], []]);
});

test('columns are taken apart and put on top of each other', () => {
  assert.deepEqual(rest([10, null, 5], [8, 1, 6]), [2, null, 0]);
  assert.deepEqual(stacked([[1, 2], [10, null], [100, 100]]), [[1, 2], [11, null], [111, 100]]);
  assert.deepEqual(stacked([[5, 5, 5, 5, 5], [0, 0, 2, 0, 0], [1, 1, 1, 1, 1]]), [[5, 5, 5, 5, 5], [null, 5, 7, 5, null], [6, 6, 8, 6, 6]], 'a line that adds nothing hides nothing');
  assert.deepEqual(shares([[1, 0, null], [3, 0, 1]]), [[0.25, null, null], [0.75, null, 1]]);
});

test('names are found by their beginning, the one with the most first', () => {
  assert.deepEqual(namesOf(HISTORY, 'default:', 9), ['default:b', 'default:a']);
  assert.deepEqual(namesOf(HISTORY, 'default:', 1), ['default:b']);
});
