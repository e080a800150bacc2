import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPlan, type LoadPlan } from '../../../../bench/load/plan.ts';

const PLAN: LoadPlan = { url: 'http://127.0.0.1:8000', source: { module: 'file:///x.ts', options: {} }, connections: 4, load: { kind: 'closed' }, seconds: 2 };

test('a plan that can be run passes', () => {
  assert.doesNotThrow(() => assertPlan(PLAN));
  assert.doesNotThrow(() => assertPlan({ ...PLAN, load: { kind: 'open', arrivals: 'bursty', ratePerSecond: 10 }, warmupSeconds: 1 }));
});

test('every fault is said at once', () => {
  const wrong: LoadPlan = { ...PLAN, url: 'ftp://x', connections: 0, load: { kind: 'open', arrivals: 'poisson', ratePerSecond: Number.NaN }, warmupSeconds: 2 };
  assert.throws(() => assertPlan(wrong), (error: RangeError) => ['url', 'connections', 'ratePerSecond', 'warmupSeconds'].every((word) => error.message.includes(word)));
});

test('a plan without an end is refused', () => {
  const { seconds: _seconds, ...endless } = PLAN;
  assert.throws(() => assertPlan(endless), /seconds or requests/);
});
