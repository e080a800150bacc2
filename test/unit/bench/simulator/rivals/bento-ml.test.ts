import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BentoMl } from '../../../../../bench/simulator/rivals/bento-ml.ts';
import { ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

function teach(rule: BentoMl, ...sizes: readonly number[]): void {
  sizes.forEach((rows, i) => rule.observe({ rows, micros: 2000 + 100 * rows, waitedMicros: 0 }, i));
}

test('while the head, with all who wait, would not make it, the head is cancelled', () => {
  const rule = new BentoMl(ruleSetup());
  teach(rule, 1, 1, 10, 30, 50);
  // a = 0.1, b = 2: the head has waited 15 ms and 31 more rows would do; with 40 waiting the first goes, then the next.
  const deadlines = [20_000 - 15_000, ...Array.from({ length: 39 }, () => 20_000)];
  assert.deepEqual(rule.choose(waitingUntil(...deadlines), 0), { drop: 1, take: 39 });
});

test('batches of one size make its least squares degenerate: the shortest solution', () => {
  const rule = new BentoMl(ruleSetup());
  teach(rule, 8, 8, 8, 8, 8);
  // 2.8 ms at 8 rows: a = 8·2.8 / 65 = 0.345, b = 0.043. The 49th row would take it to 16.9 + 3.2 ms waited.
  const deadlines = Array.from({ length: 49 }, () => 20_000 - 3200);
  const choice = rule.choose(waitingUntil(...deadlines), 0);
  assert.deepEqual(choice, { drop: 1, take: 48 });
});

test('a lone query that has waited for its SLO is cancelled', () => {
  assert.deepEqual(new BentoMl(ruleSetup()).choose(waitingUntil(10), 10), { drop: 1, take: 0 });
});
