import type { Micros } from '../domain/clock.ts';
import { modelKey, type ModelKey, type ModelSpec } from '../domain/model.ts';

/**
 * One version of a model from when somebody wants it until it is gone. It is told what is the case (`VersionFacts`), not
 * what happened: looking twice changes nothing.
 *
 *     waiting ──its turn──▶ loading ──▶ ready ◀──▶ recovering
 *      │  ▲ ▲                │  │ ▲       │  │         │
 *      │  │ └──no replicas──idle│ │       │  └─────────┤ queries no longer go to it
 *      │  │                     ▼ │       ▼            ▼
 *      │  │                  failing ─▶ leaving ◀──────┘
 *      │  │ wanted again                  │ its rows have settled, or took too long
 *      │  └───────────────────────────ending ◀─────────┘
 *      ▼                                  │ its last replica has ended
 *     gone ◀──────────────────────────────┘
 *
 * - `waiting`: wanted, and nothing of it is started: other versions load (`turn`), its memory would not fit (`no_memory`), or
 *   the version before it has not gone yet (`room`).
 * - `loading`: its replicas are started; none has been ready. It counts against the loads that may go on at a time.
 * - `failing`: a replica died before one was ready. They are tried again with backoff, and it no longer counts as a load, so
 *   that one broken version does not keep the others from loading.
 * - `ready`: at least one replica answers, warm.
 * - `recovering`: it was ready, and has no replica just now; they are started again whatever else loads.
 * - `idle`: wanted with no replicas: there is nothing to load.
 * - `leaving`: queries no longer go to it; those that did are answered.
 * - `ending`: its replicas drain.
 */
export type VersionState =
  | { readonly kind: 'waiting'; readonly sinceMicros: Micros; readonly why: WaitReason; readonly text?: string }
  | { readonly kind: 'loading' | 'ready' | 'recovering' | 'idle' | 'ending'; readonly sinceMicros: Micros }
  | { readonly kind: 'failing'; readonly sinceMicros: Micros; readonly reason: string }
  | { readonly kind: 'leaving'; readonly sinceMicros: Micros; readonly untilMicros: Micros };

export type WaitReason = 'turn' | 'no_memory' | 'room';

export interface VersionLife {
  readonly spec: ModelSpec;
  readonly state: VersionState;
}

/** What is the case for one version. */
export interface VersionFacts {
  /** Queries may go to it: it is wanted, or was and still answers until its successor does. */
  readonly routed: boolean;
  /** A warm replica takes batches. */
  readonly ready: boolean;
  /** Why a replica of it died before one was ready. */
  readonly failed?: string;
  /** Some replica of it has not ended yet. */
  readonly present: boolean;
  /** No row that was sent to it waits for its answer. */
  readonly settled: boolean;
}

export interface LookContext {
  readonly now: Micros;
  /** How long the rows of a version that queries no longer go to may take. */
  readonly retireMicros: Micros;
}

export function keyOf({ spec }: Pick<VersionLife, 'spec'>): ModelKey {
  return modelKey(spec.name, spec.version);
}

export function beginVersion(spec: ModelSpec, now: Micros): VersionLife {
  return { spec, state: { kind: 'waiting', sinceMicros: now, why: 'turn' } };
}

/** Whether its replicas are to run. */
export function isSupervised({ state }: VersionLife): boolean {
  return state.kind !== 'waiting' && state.kind !== 'ending';
}

/** It fails, or does not fit: nobody knows when it comes, or whether. */
export function isStuck(life: VersionLife | undefined): boolean {
  return life?.state.kind === 'failing' || (life?.state.kind === 'waiting' && life.state.why === 'no_memory');
}

/** One look; undefined: it is gone. Whether a version that waits may load is not decided here: see `version-loads.ts`. */
export function lookAtVersion(life: VersionLife, facts: VersionFacts, context: LookContext): VersionLife | undefined {
  switch (life.state.kind) {
    case 'waiting':
      if (!facts.routed) return facts.present ? to(life, 'ending', context) : undefined;
      return life.spec.replicas === 0 ? to(life, 'idle', context) : life;
    case 'leaving':
      if (facts.routed) return to(life, facts.ready ? 'ready' : 'recovering', context);
      return facts.settled || context.now >= life.state.untilMicros ? to(life, 'ending', context) : life;
    case 'ending':
      if (facts.routed) return beginVersion(life.spec, context.now);
      return facts.present ? life : undefined;
    case 'loading': case 'failing': case 'ready': case 'recovering': case 'idle':
      return facts.routed ? whileWanted(life, facts, context) : { spec: life.spec, state: { kind: 'leaving', sinceMicros: context.now, untilMicros: context.now + context.retireMicros } };
  }
}

function whileWanted(life: VersionLife, facts: VersionFacts, context: LookContext): VersionLife {
  const { spec, state: { kind } } = life;
  if (spec.replicas === 0) return kind === 'idle' ? life : to(life, 'idle', context);
  if (kind === 'idle') return beginVersion(spec, context.now);
  if (facts.ready) return kind === 'ready' ? life : to(life, 'ready', context);
  if (kind === 'ready') return to(life, 'recovering', context);
  if (kind !== 'loading' || facts.failed === undefined) return life;
  return { spec, state: { kind: 'failing', sinceMicros: context.now, reason: facts.failed } };
}

function to({ spec }: VersionLife, kind: 'ready' | 'recovering' | 'idle' | 'ending', { now }: LookContext): VersionLife {
  return { spec, state: { kind, sinceMicros: now } };
}
