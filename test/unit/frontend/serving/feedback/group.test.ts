import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommitOutcome, FeedbackVerdict } from '../../../../../frontend/domain/feedback.ts';
import { commitGroup, type PendingReward } from '../../../../../frontend/serving/feedback/group.ts';
import { countingPolicy, plainCells } from '../../../../support/counting-policy.ts';
import { decisionKey } from '../../../../support/feedback-stores.ts';
import { MemoryFeedbackStore } from '../../../../support/memory-feedback-store.ts';
import { makeApp } from '../../../../support/specs.ts';

const APP = { spec: makeApp({ arms: ['x'], feedback: { aggregation: 'sum', windowMs: 1, missReward: 'zero', labelScale: 1 } }), policy: countingPolicy };
const noFault = (): void => assert.fail('the policy is sound');

function pending(n: number, id: string, units: number, verdicts: FeedbackVerdict[]): PendingReward {
  return { key: decisionKey(n, 1000), row: 0, propensity: 1, reward: { id, arms: [{ arm: 'x', units }] }, settle: (verdict) => verdicts.push(verdict) };
}

test('all rewards of one decision in a group are one commit', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts), pending(1, 'b', 20, verdicts), pending(1, 'a', 10, verdicts), pending(2, 'a', 5, verdicts)], { store, onPolicyFault: noFault });
  assert.deepEqual(store.groups, [2]);
  assert.deepEqual(verdicts.map(({ kind }) => kind), ['accepted', 'accepted', 'repeated', 'accepted']);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 2n, 'r/x': 35n });
});

test('where another broker was first, its claim is gone on from', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts)], { store, onPolicyFault: noFault });
  await commitGroup(APP, [pending(1, 'b', 7, verdicts), pending(1, 'a', 10, verdicts)], { store, onPolicyFault: noFault });
  assert.deepEqual(verdicts.map(({ kind }) => kind), ['accepted', 'accepted', 'repeated']);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 1n, 'r/x': 17n });
});

test('who always comes second gives up, and says so', async () => {
  let version = 1;
  const store = { decisions: async () => [], commit: async (): Promise<CommitOutcome[]> => [{ kind: 'conflict', claim: { version: version++, state: Buffer.from([0x93, 0x90, 0x90, 0x90]) } }] };
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts)], { store, onPolicyFault: noFault });
  assert.deepEqual(verdicts, [{ kind: 'refused', code: 'feedback_overloaded' }]);
});
