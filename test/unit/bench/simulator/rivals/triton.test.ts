import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Triton } from '../../../../../bench/simulator/rivals/triton.ts';
import { ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

test('the preferred size goes at once, less waits for the delay', () => {
  const rule = new Triton(ruleSetup({ steadyRows: 2 }));
  assert.deepEqual(rule.choose(waitingUntil(20_000, 20_000, 20_000), 0), { drop: 0, take: 2 });
  assert.deepEqual(rule.choose(waitingUntil(20_000), 0), { drop: 0, until: 2000 });
  assert.deepEqual(rule.choose(waitingUntil(20_000), 2000), { drop: 0, take: 1 });
});

test('what has waited longer than the queue policy allows is rejected', () => {
  // 20 ms less 2.2 for a batch of two.
  const rule = new Triton(ruleSetup({ steadyRows: 2 }));
  assert.deepEqual(rule.choose(waitingUntil(20_000, 30_000, 30_000), 17_801), { drop: 1, take: 2 });
  assert.deepEqual(rule.choose(waitingUntil(20_000, 30_000), 17_800), { drop: 0, take: 2 });
});
