import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../../../../selection-policies/policy.ts';
import type { CommitOutcome, FeedbackItem, FeedbackVerdict } from '../../../../../frontend/domain/feedback.ts';
import { commitGroup, type PendingReward } from '../../../../../frontend/serving/feedback/group.ts';
import { countingPolicy, plainCells } from '../../../../support/counting-policy.ts';
import { decisionKey } from '../../../../support/feedback-stores.ts';
import { MemoryFeedbackStore } from '../../../../support/memory-feedback-store.ts';
import { makeApp } from '../../../../support/specs.ts';

const APP = { spec: makeApp({ arms: ['x'], feedback: { aggregation: 'sum', windowMs: 1, missReward: 'zero', labelScale: 1 } }), policy: countingPolicy };
const noFault = (): void => assert.fail('the policy is sound');
const nowEpochMicros = (): number => 1_000_000;
const noInner = async (): Promise<FeedbackVerdict[]> => assert.fail('there is no inner app');

function pending(n: number, id: string, units: number, verdicts: FeedbackVerdict[]): PendingReward {
  return { key: decisionKey(n, 1000), row: 0, propensity: 1, reward: { id, arms: [{ arm: 'x', units }] }, settle: (verdict) => verdicts.push(verdict) };
}

test('all rewards of one decision in a group are one commit', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts), pending(1, 'b', 20, verdicts), pending(1, 'a', 10, verdicts), pending(2, 'a', 5, verdicts)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  assert.deepEqual(store.groups, [2]);
  assert.deepEqual(verdicts.map(({ kind }) => kind), ['accepted', 'accepted', 'repeated', 'accepted']);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 2n, 'r/x': 35n });
});

test('a reward that may have been counted once, by a claim that is forgotten, is refused in words; a further one of a claim that is there is not', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  store.forgets = true;
  const refused: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'b', 7, verdicts), pending(2, 'a', 5, refused)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  assert.deepEqual(verdicts, [{ kind: 'accepted' }, { kind: 'accepted' }]);
  const [verdict] = refused;
  assert.ok(verdict?.kind === 'refused' && verdict.code === 'feedback_late');
  assert.match(verdict.message ?? '', /shorter once/u);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 1n, 'r/x': 17n });
});

test('where another broker was first, its claim is gone on from', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  await commitGroup(APP, [pending(1, 'b', 7, verdicts), pending(1, 'a', 10, verdicts)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  assert.deepEqual(verdicts.map(({ kind }) => kind), ['accepted', 'accepted', 'repeated']);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 1n, 'r/x': 17n });
});

test('who always comes second gives up, and says so', async () => {
  let version = 1;
  const store = { generation: () => 0, decisions: async () => [], readKeys: async () => [], removeKey: async () => undefined, commit: async (): Promise<CommitOutcome[]> => [{ kind: 'conflict', claim: { version: version++, state: Buffer.from([0x93, 0x90, 0x90, 0x90]) } }] };
  const verdicts: FeedbackVerdict[] = [];
  await commitGroup(APP, [pending(1, 'a', 10, verdicts)], { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner });
  assert.deepEqual(verdicts, [{ kind: 'refused', code: 'feedback_overloaded' }]);
});

test('inner apps are told first; where one of them could not store it, nothing is stored here, and the caller hears why', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  const told: string[] = [];
  let answer: FeedbackVerdict = { kind: 'refused', code: 'feedback_unavailable' };
  const giveInner = async (items: readonly FeedbackItem[]): Promise<FeedbackVerdict[]> => items.map(({ decisionId }) => {
    told.push(decisionId);
    return decisionId === 'sick' ? answer : { kind: 'repeated' };
  });
  const credited = (n: number, inner: string): PendingReward => ({
    ...pending(n, 'a', 10, verdicts), reward: () => ({ reward: { id: 'a', arms: [{ arm: 'x', units: 10 }] }, decision: undefined, inner: [{ decisionId: inner, reward: 1 }] }),
    settle: (verdict) => verdicts.push(verdict),
  });
  const group = (): PendingReward[] => [credited(1, 'sick'), credited(2, 'sound')];
  await commitGroup(APP, group(), { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner });
  assert.deepEqual(verdicts.splice(0), [{ kind: 'refused', code: 'feedback_unavailable' }, { kind: 'accepted' }]);
  answer = { kind: 'refused', code: 'feedback_late' };
  await commitGroup(APP, group(), { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner });
  assert.deepEqual(verdicts, [{ kind: 'accepted' }, { kind: 'repeated' }], 'what no retry would help does not keep the outer app from learning');
  assert.deepEqual(told, ['sick', 'sound', 'sick', 'sound']);
});

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test('a reward with a context key counts for the app and for the key, and a correction takes back what both were told', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  const parts = { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner };
  await commitGroup(APP, [{ ...pending(1, 'a', 10, verdicts), context: ANN }, pending(2, 'a', 7, verdicts)], parts);
  await commitGroup(APP, [{ ...pending(1, 'b', 5, verdicts), context: ANN }, { ...pending(1, 'a', 10, verdicts), context: ANN }], parts);
  assert.deepEqual(verdicts.map(({ kind }) => kind), ['accepted', 'accepted', 'accepted', 'repeated']);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 2n, 'r/x': 22n });
  const [ann = new Map<string, bigint>()] = await store.readKeys('a', [ANN]);
  assert.deepEqual(plainCells(ann), { '/since': -1_000_000n, latest: 1_000_000n, 'n/x': 1n, 'r/x': 15n });
});

test('a correction of what was forgotten takes nothing back, and teaches nothing; what nobody was told of before teaches as ever', async () => {
  const store = new MemoryFeedbackStore();
  const verdicts: FeedbackVerdict[] = [];
  const parts = { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner };
  const untold: PendingReward = { ...pending(3, 'a', 0, verdicts), reward: { id: 'a', arms: [] } };
  await commitGroup(APP, [{ ...pending(1, 'a', 10, verdicts), context: ANN }, pending(2, 'a', 7, verdicts), untold], parts);
  await store.removeCells('a', 'all');
  assert.deepEqual(verdicts.splice(0).map(({ kind }) => kind), ['accepted', 'accepted', 'not_teachable']);
  const corrections: FeedbackVerdict[] = [];
  await commitGroup(APP, [{ ...pending(1, 'b', 5, corrections), context: ANN }, pending(3, 'b', 4, verdicts), pending(4, 'a', 2, verdicts)], parts);
  await commitGroup(APP, [pending(1, 'c', 5, corrections), pending(4, 'b', 1, verdicts)], parts);
  assert.deepEqual([corrections, verdicts].map((of) => of.map(({ kind }) => kind)), [['not_teachable', 'not_teachable'], ['accepted', 'accepted', 'accepted']]);
  assert.deepEqual(plainCells(store.cells.snapshot('a').cells), { latest: 1_000_000n, 'n/x': 2n, 'r/x': 7n });
  assert.deepEqual((await store.readKeys('a', [ANN])).map(plainCells), [{}]);
});

test('a policy that stamps gives a reward the stamp of the key as it is stored, and cells that the key reads no more go', async () => {
  const store = new MemoryFeedbackStore();
  const seen: [number | undefined, number][] = [];
  const stamping: Policy<number> = {
    ...countingPolicy, name: 'stamping',
    view: (cells) => Number(cells.get('n') ?? 0n), plan: () => assert.fail('nobody plans'), stamp: (n) => 100 + n, estimates: () => [],
    contribution: ({ rewards: [first] }) => {
      seen.push([first?.stamp, seen.length]);
      return [{ cell: 'n', add: 1n }, ...Array.from({ length: 600 }, (_, i) => ({ cell: `c${i}`, add: 1n }))];
    },
    expired: (cells) => [...cells.keys()].filter((cell) => cell.startsWith('c')),
  };
  const app = { ...APP, policy: stamping };
  const parts = { store, journal: store, nowEpochMicros, onPolicyFault: noFault, giveInner: noInner };
  const one = (n: number): PendingReward => ({ ...pending(n, 'a', 10, []), context: ANN, reward: { id: 'a', arms: [{ arm: 'x', units: 10, stamp: 7 }] } });
  await commitGroup(app, [one(1)], parts);
  await commitGroup(app, [one(2)], parts);
  assert.deepEqual(seen.map(([stamp]) => stamp), [7, 100, 7, 101], 'the app\'s own stamp, then that of the key');
  const [ann] = await store.readKeys('a', [ANN]);
  assert.equal(ann?.get('c0'), 1n, 'what was expired before the second reward is gone');
});
