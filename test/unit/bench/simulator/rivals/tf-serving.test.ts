import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TfServing } from '../../../../../bench/simulator/rivals/tf-serving.ts';
import { ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

test('a batch closes when it is full, or when its first has waited for the time-out', () => {
  const rule = new TfServing(ruleSetup({ steadyRows: 2 }));
  assert.deepEqual(rule.choose(waitingUntil(20_000), 0), { drop: 0, until: 2000 });
  assert.deepEqual(rule.choose(waitingUntil(20_000, 21_000), 1500), { drop: 0, take: 2 });
  assert.deepEqual(rule.choose(waitingUntil(20_000), 2000), { drop: 0, take: 1 });
});

test('one batch may wait, and what has expired is computed all the same', () => {
  const rule = new TfServing(ruleSetup({ steadyRows: 2 }));
  assert.equal(rule.maxWaiting, 2);
  assert.deepEqual(rule.choose(waitingUntil(20_000, 20_000), 50_000), { drop: 0, take: 2 });
});
