import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByRate } from '../../../../../bench/simulator/rivals/by-rate.ts';
import { REPLICA, ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

test('everything goes that can go together', () => {
  assert.deepEqual(new ByRate(ruleSetup()).choose(waitingUntil(3000, 3000, 3000), 0, REPLICA), { drop: 0, take: 3 });
});

test('who is too old for the larger batch is let go, and does not shrink it', () => {
  // Alone the first could make it in 2.1 ms; three of the others take 2.3.
  assert.deepEqual(new ByRate(ruleSetup()).choose(waitingUntil(2150, 2300, 2300, 2300), 0, REPLICA), { drop: 1, take: 3 });
});

test('nothing is taken where nobody can make it', () => {
  assert.deepEqual(new ByRate(ruleSetup()).choose(waitingUntil(1000, 2099), 0, REPLICA), { drop: 2, take: 0 });
});

test('with steps it takes the better rate, not the larger size', () => {
  const steps = ruleSetup({ exactMicros: (rows) => 1000 * 2 ** Math.ceil(Math.log2(rows)) });
  // Four in 4 ms and five in 8: the rate of four is better.
  assert.deepEqual(new ByRate(steps).choose(waitingUntil(9000, 9000, 9000, 9000, 9000), 0, REPLICA), { drop: 0, take: 4 });
});

test('a margin makes it more careful', () => {
  const deadlines = waitingUntil(2300, 2300, 2300);
  assert.deepEqual(new ByRate(ruleSetup()).choose(deadlines, 0, REPLICA), { drop: 0, take: 3 });
  assert.deepEqual(new ByRate(ruleSetup(), { margin: 0.05 }).choose(deadlines, 0, REPLICA), { drop: 0, take: 1 });
});

test('the waiting variant waits as long as the first could make one more, and no longer', () => {
  const rule = new ByRate(ruleSetup(), { waits: true });
  assert.deepEqual(rule.choose(waitingUntil(5000), 0, REPLICA), { drop: 0, until: 2800 });
  assert.deepEqual(rule.choose(waitingUntil(5000), 2800, REPLICA), { drop: 0, take: 1 });
});

test('of several replicas one leaves to the others what they could still do alone', () => {
  const setup = ruleSetup({ replicas: ['0', '1'], exactMicros: (rows, replica) => (replica === '0' ? 2000 + 100 * rows : 1000 + 100 * rows) });
  const rule = new ByRate(setup);
  assert.deepEqual(rule.choose(waitingUntil(1000, 2150, 2300, 2300, 2300), 0, REPLICA), { drop: 1, skip: 1, take: 3 });
  assert.deepEqual(rule.choose(waitingUntil(1000, 2099), 0, REPLICA), { drop: 1, take: 0 });
});
