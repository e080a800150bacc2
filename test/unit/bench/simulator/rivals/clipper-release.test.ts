import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClipperRelease } from '../../../../../bench/simulator/rivals/clipper-release.ts';
import { REPLICA, ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

function rowsAt(rule: ClipperRelease, leftMicros: number): number {
  const choice = rule.choose(waitingUntil(...Array.from({ length: 500 }, () => leftMicros)), 0, REPLICA);
  return 'take' in choice ? choice.take : 0;
}

function teach(rule: ClipperRelease, rows: number, times = 5): void {
  for (let i = 0; i < times; i++) rule.observe({ rows, micros: 2000 + 100 * rows, replica: '0' });
}

test('while there is time it explores: five samples a size, then one more', () => {
  const rule = new ClipperRelease(ruleSetup());
  assert.equal(rowsAt(rule, 20_000), 1);
  teach(rule, 1, 4);
  assert.equal(rowsAt(rule, 20_000), 1);
  teach(rule, 1, 1);
  assert.equal(rowsAt(rule, 20_000), 2);
});

test('within the slowest batch seen it sizes to what the head has left', () => {
  const rule = new ClipperRelease(ruleSetup());
  for (const rows of [1, 20, 50, 100]) teach(rule, rows);
  // 92 % of 10 ms are 9.2: 72 rows by the law.
  const rows = rowsAt(rule, 10_000);
  assert.ok(Math.abs(rows - 72) <= 2, `${rows}`);
  assert.equal(rowsAt(rule, 2000), 1);
});
