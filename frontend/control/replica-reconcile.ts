import type { ReplicaState } from './replica-life.ts';

/** What reconciling looks at in one replica of a model version. */
export interface ReplicaFact {
  /** Rises from replica to replica: the greater, the newer. */
  readonly ordinal: number;
  /** Which wording of the model's spec it was started from. */
  readonly generation: number;
  readonly state: ReplicaState;
  /** It has said hello, and gets no query before its warm-up is over. */
  readonly isCold?: true;
  /** Where it listens, if it is dialled. */
  readonly address?: string;
  /** The operator chose it to be the one that goes: now, for another in its place, or when one is too many. */
  readonly parting?: 'replaced' | 'first';
}

/** How many replicas are wanted, from which wording of the spec; for containers that are dialled, one at each address. */
export interface ReplicaWant {
  readonly generation: number;
  readonly count: number;
  readonly addresses?: readonly string[];
}

export type ReplicaAction =
  | { readonly kind: 'start'; readonly address?: string }
  | { readonly kind: 'drain'; readonly ordinal: number };

/**
 * What brings the replicas of one model version to what is wanted. Missing ones are started; surplus ones are drained,
 * first the one that the operator chose, then those that serve nobody, and among equals the newest. Replicas of an earlier
 * wording, and those that are to be replaced, serve on until as many others are ready and warm. Idempotent: the actions carried out, a second look asks for nothing.
 */
export function reconcileReplicas(want: ReplicaWant, replicas: readonly ReplicaFact[]): readonly ReplicaAction[] {
  const alive = replicas.filter(({ state }) => isWanted(state)).toSorted(byWorth);
  const isCurrent = ({ generation, parting }: ReplicaFact): boolean => generation === want.generation && parting !== 'replaced';
  const current = alive.filter(isCurrent);
  const outdated = alive.filter((replica) => !isCurrent(replica));
  const { kept, starts } = want.addresses === undefined ? byCount(want.count, current) : byAddress(want.addresses, current);
  const wanted = want.addresses?.length ?? want.count;
  const serving = Math.max(0, wanted - kept.filter((replica) => isReady(replica) && replica.isCold !== true).length);
  const lasting = new Set([...kept, ...outdated.filter(isReady).slice(0, serving)]);
  const drains = alive.filter((replica) => !lasting.has(replica)).map(({ ordinal }): ReplicaAction => ({ kind: 'drain', ordinal }));
  return [...starts, ...drains.reverse()];
}

interface Kept {
  readonly kept: readonly ReplicaFact[];
  readonly starts: readonly ReplicaAction[];
}

function byCount(count: number, current: readonly ReplicaFact[]): Kept {
  const kept = current.slice(0, count);
  // Of a version in a crash loop one replica is tried before more are started.
  if (kept.some(isLooping) && !kept.some(isReady)) return { kept, starts: [] };
  return { kept, starts: Array.from({ length: count - kept.length }, () => ({ kind: 'start' })) };
}

function byAddress(addresses: readonly string[], current: readonly ReplicaFact[]): Kept {
  const kept: ReplicaFact[] = [];
  const starts: ReplicaAction[] = [];
  for (const address of new Set(addresses)) {
    const there = current.find((replica) => replica.address === address);
    if (there === undefined) starts.push({ kind: 'start', address });
    else kept.push(there);
  }
  return { kept, starts };
}

/** Neither gone nor on its way out. */
function isWanted(state: ReplicaState): boolean {
  switch (state.kind) {
    case 'starting': case 'ready': case 'backoff': return true;
    case 'ending': return state.restart;
    case 'draining': case 'stopped': return false;
  }
}

function isLooping({ state }: ReplicaFact): boolean {
  return state.kind === 'backoff' ? state.looping : state.kind === 'starting' && state.trial === true;
}

function isReady(replica: ReplicaFact): boolean {
  return replica.state.kind === 'ready';
}

/** The best first: ready before not ready, old before new; last whoever is to go first. */
function byWorth(a: ReplicaFact, b: ReplicaFact): number {
  return Number(a.parting === 'first') - Number(b.parting === 'first') || Number(isReady(b)) - Number(isReady(a)) || a.ordinal - b.ordinal;
}
