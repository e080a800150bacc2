import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attained, missLine } from '../../../../frontend/dashboard/misses.ts';
import { appFigures } from '../../../support/dashboard-state.ts';

test('the two reasons that cost most are told', () => {
  const misses = [{ source: 'default', reason: 'infeasible', perSecond: 8 }, { reason: 'late', perSecond: 1 }, { source: 'error', reason: 'row_failed', perSecond: 9 }];
  assert.equal(missLine(appFigures('a', { misses })), '9 % row failed, 8 % infeasible …');
  assert.equal(missLine(appFigures('a', { misses: misses.slice(1, 2) })), '1 % late');
  assert.equal(missLine(appFigures('a', { misses, answersPerSecond: 0 })), '');
});

test('what was attained of nothing is not known', () => {
  assert.deepEqual([attained({ answers: 0, good: 0 }), attained({ answers: 4, good: 3 })], [null, 0.75]);
});
