import type { Context } from '../../../selection-policies/policy.ts';
import { difference } from '../../domain/cells.ts';
import type { Decision, DecisionKey } from '../../domain/decision.ts';
import { ERRORS } from '../../domain/errors.ts';
import { StoreFault, type ClaimCommit, type CommitOutcome, type FeedbackItem, type FeedbackStore, type FeedbackVerdict } from '../../domain/feedback.ts';
import { DEFAULT_FEEDBACK } from '../../domain/model.ts';
import { decodeDecision } from '../decisions/decision-codec.ts';
import { decodeClaim, encodeClaim, fold, MOST_IDS, NEW_CLAIM, type ClaimState, type Reward } from './claim.ts';
import { contributionOf, type TaughtApp } from './credit.ts';
import { isGone, since } from './key-life.ts';
import { zeroUnits } from './reward.ts';

/** Each round of a claim that others hold too, one of them wins; more of them than this at once is no accident. */
const MOST_ROUNDS = 32;

/** A reward on its way to the store. Settled once; what comes after that is not heard. */
export interface PendingReward {
  readonly key: DecisionKey;
  readonly row: number;
  readonly propensity: number;
  /** Hash of the decision's context key, where it has one and the app learns by it. */
  readonly context?: Uint8Array | undefined;
  /** What the caller said of the query, where the decision is not read for it. */
  readonly said?: Context;
  /** Whom it credits: known at once, or once the decision has been read. A verdict where nobody can say. */
  readonly reward: Reward | ((decision: Decision | undefined) => Credited | FeedbackVerdict);
  settle(verdict: FeedbackVerdict): void;
}

/** Whom a reward credits, by the decision that was read for it. */
export interface Credited {
  readonly reward: Reward;
  readonly decision: Decision | undefined;
  /** The same, for the apps that were arms of the decision. */
  readonly inner?: readonly FeedbackItem[];
}

/** One whose credit is known. */
interface Known {
  readonly pending: PendingReward;
  readonly reward: Reward;
  readonly decision: Decision | undefined;
}

/** All rewards of one row of a decision in this group, and its claim as far as it is known. */
interface Contended {
  readonly rewards: readonly Known[];
  version: number;
  state: ClaimState | undefined;
  /** What it added to its context key is not there to be taken back. */
  isKeyGone: boolean;
}

export interface GroupParts {
  readonly store: Pick<FeedbackStore, 'commit' | 'generation' | 'readKeys' | 'removeKey'>;
  readonly journal: Pick<FeedbackStore, 'decisions'>;
  readonly nowEpochMicros: () => number;
  readonly onPolicyFault: (app: string, fault: unknown) => void;
  /** Gives feedback to apps that are arms of this one. */
  readonly giveInner: (items: readonly FeedbackItem[]) => Promise<readonly FeedbackVerdict[]>;
}

/**
 * Brings some rewards of one app into the store: each is folded into the claim of its decision, and the claim is committed
 * together with what it adds to the cells. A claim is first taken to be free; where it is not, the store says what it is,
 * and the rewards are folded again. Settles every reward; rejects as the store does, and then some are not settled.
 */
export async function commitGroup(app: TaughtApp, group: readonly PendingReward[], parts: GroupParts): Promise<void> {
  let open = contend(await keyStamped(app, await credited(app, group, parts), parts));
  for (let round = 0; open.length > 0 && round < MOST_ROUNDS; round++) {
    await lookForKeys(app, open, parts);
    const proposals = open.map((contended) => propose(app, contended, parts));
    const commits = proposals.flatMap(({ commit }) => (commit === undefined ? [] : [commit]));
    const outcomes = commits.length === 0 ? [] : await parts.store.commit(app.spec.name, commits);
    let at = 0;
    open = proposals.flatMap(({ contended, commit, verdicts }) => {
      const outcome = commit === undefined ? undefined : outcomes[at++];
      if (outcome?.kind === 'conflict') {
        contended.version = outcome.claim.version;
        contended.state = outcome.claim.version === 0 ? undefined : decodeClaim(outcome.claim.state);
        return [contended];
      }
      if (outcome?.kind === 'outdated') return [contended];
      const refusal = outcome === undefined ? undefined : refusalOf(outcome);
      contended.rewards.forEach(({ pending }, i) => pending.settle(refusal ?? verdicts[i] ?? { kind: 'repeated' }));
      return [];
    });
  }
  for (const { rewards } of open) for (const { pending } of rewards) pending.settle({ kind: 'refused', code: 'feedback_overloaded' });
}

function refusalOf(outcome: CommitOutcome): FeedbackVerdict | undefined {
  switch (outcome.kind) {
    case 'full': return { kind: 'refused', code: 'feedback_full', message: FULL[outcome.what] };
    case 'forgotten': return { kind: 'refused', code: 'feedback_late', message: FORGOTTEN };
    case 'applied':
    case 'conflict':
    case 'outdated': return undefined;
  }
}

const FORGOTTEN = 'The reward window of the app was shorter once, and over for the decision: whether it was rewarded is not known any more.';
const FULL = Object.freeze({
  claims: 'The store remembers as many rewarded decisions of the app as it may: storage.max_claims.',
  cells: 'The policy of the app holds as many cells as it may: storage.max_cells.',
  cell: 'A cell of the policy holds as much as 64 bits can.',
});

/** Reads the decisions of those rewards that need theirs. */
async function credited(app: TaughtApp, group: readonly PendingReward[], parts: GroupParts): Promise<Known[]> {
  const waiting = group.filter(({ reward }) => typeof reward === 'function');
  const records = waiting.length === 0 ? [] : await parts.journal.decisions(app.spec.name, waiting.map(({ key }) => key));
  const known: (Known & Pick<Credited, 'inner'>)[] = [];
  let at = 0;
  for (const pending of group) {
    const { reward } = pending;
    if (typeof reward !== 'function') {
      known.push({ pending, reward, decision: undefined });
      continue;
    }
    const record = records[at++];
    const found = reward(record === undefined ? undefined : decodeDecision(app.spec.name, record));
    if ('kind' in found) pending.settle(found);
    else known.push({ pending, ...found });
  }
  return toldInner(known, parts);
}

/**
 * Inner apps are told first, and the outer one is told what they were only where all of them have it: who hears a refusal
 * comes again, and who comes again is counted once by each.
 */
async function toldInner(known: readonly (Known & Pick<Credited, 'inner'>)[], parts: GroupParts): Promise<Known[]> {
  const items = known.flatMap(({ inner = [] }) => inner);
  if (items.length === 0) return [...known];
  const verdicts = await parts.giveInner(items);
  let at = 0;
  return known.filter(({ inner = [], pending }) => {
    const told = verdicts.slice(at, at += inner.length);
    const refusal = told.find((verdict) => verdict.kind === 'refused' && ERRORS[verdict.code].retryable);
    if (refusal !== undefined) pending.settle(refusal);
    return refusal === undefined;
  });
}

/** Cells of a context key past which it is looked whether some are read no more. */
const MANY_KEY_CELLS = 512;

/** The rewards with the stamps of their context keys, where the policy wants some: of the states as they are stored now. */
async function keyStamped({ spec, policy }: TaughtApp, known: readonly Known[], { store, nowEpochMicros, onPolicyFault }: GroupParts): Promise<readonly Known[]> {
  if (policy.stamp === undefined && policy.expired === undefined) return known;
  const contexts = new Map<string, Uint8Array>();
  for (const { pending: { context } } of known) if (context !== undefined) contexts.set(textOf(context), context);
  if (contexts.size === 0) return known;
  const stored = await store.readKeys(spec.name, [...contexts.values()]);
  const now = nowEpochMicros();
  const stamps = new Map<string, ReadonlyMap<string, number>>();
  for (const [i, [text, context]] of [...contexts].entries()) {
    const cells = stored[i] ?? new Map<string, bigint>();
    try {
      const view = policy.view(cells, now, spec.arms);
      stamps.set(text, new Map(spec.arms.map((arm, at) => [arm, policy.stamp?.(view, at) ?? 0])));
      const expired = cells.size > MANY_KEY_CELLS ? policy.expired?.(cells, now) ?? [] : [];
      if (expired.length > 0) await store.removeKey(spec.name, context, expired);
    } catch (thrown) {
      if (thrown instanceof StoreFault) throw thrown;
      onPolicyFault(spec.name, thrown);
    }
  }
  if (policy.stamp === undefined) return known;
  return known.map((one) => {
    const { context } = one.pending;
    const of = context === undefined ? undefined : stamps.get(textOf(context));
    return of === undefined ? one : { ...one, reward: { ...one.reward, arms: one.reward.arms.map((arm) => ({ ...arm, keyStamp: of.get(arm.arm) ?? 0 })) } };
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function contend(rewards: readonly Known[]): Contended[] {
  const byRow = new Map<string, Known[]>();
  for (const reward of rewards) {
    const text = `${textOf(reward.pending.key.id)}${reward.pending.row}`;
    const others = byRow.get(text);
    if (others === undefined) byRow.set(text, [reward]);
    else others.push(reward);
  }
  return [...byRow.values()].map((of) => ({ rewards: of, version: 0, state: undefined, isKeyGone: false }));
}

/** Notes whose claims have added to a context key that has been forgotten since. */
async function lookForKeys({ spec }: TaughtApp, open: readonly Contended[], { store }: GroupParts): Promise<void> {
  const keyed = open.flatMap((contended) => {
    const context = contended.rewards[0]?.pending.context;
    return context === undefined || contended.state === undefined || contended.state.keyApplied.length === 0 ? [] : [{ contended, context, addedAt: contended.state.keyedAtEpochMicros }];
  });
  if (keyed.length === 0) return;
  const stored = await store.readKeys(spec.name, keyed.map(({ context }) => context));
  keyed.forEach(({ contended, addedAt }, i) => { contended.isKeyGone = isGone(stored[i] ?? new Map<string, bigint>(), addedAt); });
}

interface Proposal {
  readonly contended: Contended;
  readonly commit: ClaimCommit | undefined;
  /** What each reward comes to where the commit is applied. */
  readonly verdicts: readonly FeedbackVerdict[];
}

function propose(app: TaughtApp, contended: Contended, parts: GroupParts): Proposal {
  const { aggregation } = app.spec.feedback ?? DEFAULT_FEEDBACK;
  let { state } = contended;
  let taken = 0;
  let teaching: Known | undefined;
  const verdicts = contended.rewards.map((known): FeedbackVerdict => {
    const { reward } = known;
    const folded = fold(state, reward, aggregation);
    if (folded.kind !== 'taken') return folded.kind === 'repeated' ? { kind: 'repeated' } : { kind: 'refused', code: 'invalid_field', path: 'id', message: `The decision has ${MOST_IDS} rewards with an id, as many as it can have.` };
    ({ state } = folded);
    taken++;
    if (reward.arms.length > 0) teaching ??= known;
    return { kind: reward.arms.length === 0 ? 'not_teachable' : 'accepted' };
  });
  const [first] = contended.rewards;
  if (taken === 0 || state === undefined || first === undefined) return { contended, commit: undefined, verdicts };
  const before = contended.state ?? NEW_CLAIM;
  const now = parts.store.generation(app.spec.name);
  // What it added has been forgotten since: it is not there to be taken back, and a correction of it corrects nothing.
  const isForgotten = before.generation !== now && before.applied.length + before.keyApplied.length > 0;
  const generation = isForgotten ? before.generation : now;
  // Where none of them teaches, what was applied stays: it may have been reckoned by a record that is gone, or before a freeze.
  const contribution = teaching === undefined ? before : isForgotten ? undefined : tryToContribute(app, state, teaching, parts);
  const nowEpochMicros = parts.nowEpochMicros();
  const after = {
    ...state, generation, applied: contribution?.applied ?? before.applied,
    keyApplied: contended.isKeyGone ? before.keyApplied : contribution?.keyApplied ?? before.keyApplied,
    keyedAtEpochMicros: before.keyApplied.length > 0 ? before.keyedAtEpochMicros : nowEpochMicros,
  };
  const { context } = first.pending;
  const ofKey = difference(after.keyApplied, before.keyApplied);
  const commit: ClaimCommit = {
    key: first.pending.key, row: first.pending.row, expected: contended.version, generation: now, state: encodeClaim(after),
    increments: difference(after.applied, before.applied),
    ...(context === undefined || ofKey.length === 0 ? {} : { keyed: { context, increments: after.closed ? ofKey : [...ofKey, since(nowEpochMicros)] } }),
  };
  return { contended, commit, verdicts: contribution === undefined ? verdicts.map(untaught) : verdicts };
}

function tryToContribute(app: TaughtApp, state: ClaimState, { pending: { propensity, key, row, context, said }, decision }: Known, parts: GroupParts): Pick<ClaimState, 'applied' | 'keyApplied'> | undefined {
  const feedback = app.spec.feedback ?? DEFAULT_FEEDBACK;
  const confidence = decision?.joint?.confidences[row];
  const how = {
    propensity, atEpochMs: key.atEpochMs, aggregation: feedback.aggregation, zeroUnits: zeroUnits(feedback),
    ...readBy(decision?.context ?? said), ...(confidence === undefined ? {} : { confidence }),
  };
  try {
    return { applied: contributionOf(app, state, how), keyApplied: context === undefined ? [] : contributionOf(app, state, { ...how, ofKey: true }) };
  } catch (thrown) {
    parts.onPolicyFault(app.spec.name, thrown);
    return undefined;
  }
}

function readBy(context: Context): { context?: Context } {
  return context === undefined ? {} : { context };
}

function untaught(verdict: FeedbackVerdict): FeedbackVerdict {
  return verdict.kind === 'accepted' ? { kind: 'not_teachable' } : verdict;
}
