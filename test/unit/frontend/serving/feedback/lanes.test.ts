import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreFault, type FeedbackVerdict } from '../../../../../frontend/domain/feedback.ts';
import { FeedbackLanes } from '../../../../../frontend/serving/feedback/lanes.ts';
import type { TaughtApp } from '../../../../../frontend/serving/feedback/credit.ts';
import { countingPolicy } from '../../../../support/counting-policy.ts';
import { decisionKey } from '../../../../support/feedback-stores.ts';
import { MemoryFeedbackStore } from '../../../../support/memory-feedback-store.ts';
import { makeApp } from '../../../../support/specs.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

function world(served: string[]): { lanes: FeedbackLanes; store: MemoryFeedbackStore; clock: VirtualClock; put: (app: string, n: number) => void; heard: [number, string][] } {
  const [store, clock, heard] = [new MemoryFeedbackStore(), new VirtualClock(), [] as [number, string][]];
  const appOf = (name: string): TaughtApp => ({ spec: makeApp({ name, arms: ['x'] }), policy: countingPolicy });
  const lanes = new FeedbackLanes({
    apps: { get: (name) => (served.includes(name) ? appOf(name) : undefined) }, clock,
    group: { store, journal: store, nowEpochMicros: () => 1_000_000, onPolicyFault: () => assert.fail('the policy is sound'), giveInner: async () => assert.fail('there is no inner app') },
    onFault: (thrown): FeedbackVerdict => ({ kind: 'refused', code: thrown instanceof StoreFault ? 'feedback_unavailable' : 'internal' }),
  });
  const put = (app: string, n: number): void => lanes.put(appOf(app), { key: decisionKey(n, 1000), row: 0, propensity: 1, reward: { arms: [{ arm: 'x', units: 1 }] } }, (verdict) => {
    heard.push([n, verdict.kind === 'refused' ? verdict.code : verdict.kind]);
  });
  return { lanes, store, clock, put, heard };
}

test('what comes in one turn is one group of its app; each is told once, and then nothing is open', async () => {
  const { lanes, store, clock, put, heard } = world(['a', 'b']);
  put('a', 1);
  put('a', 2);
  put('b', 3);
  assert.equal(lanes.open, 3);
  clock.settle();
  await lanes.settled();
  assert.deepEqual(store.groups, [2, 1]);
  assert.deepEqual(heard.toSorted(([a], [b]) => a - b), [[1, 'accepted'], [2, 'accepted'], [3, 'accepted']]);
  assert.deepEqual([lanes.open, clock.pending], [0, 0]);
});

test('an app that went while its rewards waited, and a store that fails, are told to each of them; the lane goes on', async () => {
  const served = ['a'];
  const { lanes, store, clock, put, heard } = world(served);
  put('a', 1);
  served.length = 0;
  clock.settle();
  await lanes.settled();
  served.push('a');
  store.trouble = 'gone';
  put('a', 2);
  put('a', 3);
  clock.settle();
  await lanes.settled();
  store.trouble = undefined;
  put('a', 4);
  clock.settle();
  await lanes.settled();
  assert.deepEqual(heard, [[1, 'unknown_app'], [2, 'feedback_unavailable'], [3, 'feedback_unavailable'], [4, 'accepted']]);
});
