import type { Micros } from '../domain/clock.ts';
import type { DeathCause } from '../domain/runtime.ts';

/**
 * One replica from its first start until nobody wants it. It has many lives (processes, or connections to a container
 * that somebody else runs), one after another and never two at a time: the next begins only after the last was seen to
 * end. Lives are numbered, and what is heard of another life than the present one is ignored.
 *
 *     starting ──hello──▶ ready ──drain──▶ draining ──ended──▶ stopped
 *      ▲   │ │ │            │ │               │                  ▲
 *      │   │ │ │ refused,   │ │ lost, hung,   │ hung, overdue    │ ended (nobody wants it)
 *      │   │ │ │ overdue    │ │ silent        ▼                  │
 *      │   │ │ └────────────┼─┴────────────▶ ending ─────────────┤
 *      │   │ └──drain───────┼──────────────▶   │                 │
 *      │   └────ended───────┤ ended            │ ended (wanted)  │
 *      └──time──backoff◀────┴──────────────────┘                 │
 *                  └─────────────────drain───────────────────────┘
 *
 * - `starting`: a process runs and has not said hello. Past `untilMicros` it is ended. `trial`: it was in a crash loop.
 * - `ready`: it takes batches. Past `silentAtMicros` (Infinity until a watchdog has been heard) it counts as dead.
 * - `draining`: it answers what it has and takes nothing more. Past `untilMicros` it is ended.
 * - `ending`: it was cut off and its end has not been seen; `restart` says whether another life is to follow.
 * - `backoff`: no process; the next life begins at `untilMicros`. `looping` after too many deaths in too short a time, a
 *   crash loop: it then waits the longest backoff before each try, and tries only while no other replica of its version is
 *   on trial (`StepContext.mayTry`). It is out of it with the first life that stays healthy.
 * - `stopped`: the end. Nothing leads out of it.
 */
export type ReplicaState =
  | { readonly kind: 'starting'; readonly sinceMicros: Micros; readonly untilMicros: Micros; readonly noted?: string; readonly trial?: true }
  | { readonly kind: 'ready'; readonly sinceMicros: Micros; readonly silentAtMicros: Micros }
  | { readonly kind: 'draining'; readonly sinceMicros: Micros; readonly untilMicros: Micros }
  | { readonly kind: 'ending'; readonly sinceMicros: Micros; readonly restart: boolean; readonly reason: string; readonly cause: DeathCause; readonly healthy: boolean }
  | { readonly kind: 'backoff'; readonly sinceMicros: Micros; readonly untilMicros: Micros; readonly reason: string; readonly cause: DeathCause; readonly looping: boolean }
  | { readonly kind: 'stopped'; readonly sinceMicros: Micros };

export interface ReplicaLife {
  readonly state: ReplicaState;
  /** Number of the present life, or of the last one; the first is 1. */
  readonly life: number;
  /** Lives that ended unasked. */
  readonly deaths: number;
  /** Deaths in a row without a healthy life between them: what the backoff grows with. */
  readonly failures: number;
  /** When the latest deaths were, oldest first; as many as make a crash loop. */
  readonly recentDeaths: readonly Micros[];
}

export type ReplicaEvent =
  | { readonly kind: 'hello' | 'heartbeat'; readonly life: number }
  /** `noted`: a reason that may explain the end to come. `refused`: it was turned away. `lost`: its connection is over. `hung`: its oldest batch is overdue. `ended`: the process is gone. */
  | { readonly kind: 'noted' | 'refused' | 'lost' | 'hung'; readonly life: number; readonly reason: string }
  | { readonly kind: 'ended'; readonly life: number; readonly reason: string; readonly cause?: DeathCause }
  /** Nobody wants it any more. */
  | { readonly kind: 'drain' }
  /** Time has passed. */
  | { readonly kind: 'tick' };

/** What is to be done, in order, to the life numbered in `ReplicaLife.life`. */
export type ReplicaEffect =
  | { readonly kind: 'spawn' }
  /** It may be given batches. */
  | { readonly kind: 'announce' }
  /** It may not be given batches any more; follows every `announce` exactly once. */
  | { readonly kind: 'withdraw'; readonly reason: string }
  | { readonly kind: 'drain' }
  /** Cut it off and kill it; `ended` is awaited. */
  | { readonly kind: 'kill'; readonly reason: string }
  /** It ended unasked: for the log and the counters. */
  | { readonly kind: 'mourn'; readonly reason: string; readonly cause: DeathCause };

export interface LifePolicy {
  readonly startTimeoutMicros: Micros;
  readonly drainTimeoutMicros: Micros;
  /** A watchdog that has not been heard for so long is dead. */
  readonly silenceMicros: Micros;
  readonly backoffFirstMicros: Micros;
  readonly backoffLastMicros: Micros;
  /** So many deaths … */
  readonly loopDeaths: number;
  /** … within so long are a crash loop. */
  readonly loopWindowMicros: Micros;
  /** A life that was ready for so long was healthy: failures before it are forgotten. */
  readonly healthyMicros: Micros;
}

export interface ReplicaStep {
  readonly next: ReplicaLife;
  readonly effects: readonly ReplicaEffect[];
}

/** What a step may know of the world: the time, and one random number in [0, 1) for the jitter. */
export interface StepContext {
  readonly now: Micros;
  readonly random: number;
  readonly policy: LifePolicy;
  /** A replica in a crash loop may try again: nobody else of its version is on trial. */
  readonly mayTry: boolean;
}

/** A new replica, and its first life begun. */
export function beginReplica(context: StepContext): ReplicaStep {
  return begin({ life: 0, deaths: 0, failures: 0, recentDeaths: [] }, context);
}

/** When the replica wants a `tick`; Infinity where time alone changes nothing. */
export function wakesAt({ state }: ReplicaLife): Micros {
  switch (state.kind) {
    case 'starting': case 'draining': case 'backoff': return state.untilMicros;
    case 'ready': return state.silentAtMicros;
    case 'ending': case 'stopped': return Number.POSITIVE_INFINITY;
  }
}

/** One event; an event that means nothing in the present state changes nothing. */
export function stepReplica(replica: ReplicaLife, event: ReplicaEvent, context: StepContext): ReplicaStep {
  if ('life' in event && event.life !== replica.life) return unchanged(replica);
  switch (replica.state.kind) {
    case 'starting': return whileStarting(replica, replica.state, event, context);
    case 'ready': return whileReady(replica, replica.state, event, context);
    case 'draining': return whileDraining(replica, replica.state, event, context);
    case 'ending': return whileEnding(replica, replica.state, event, context);
    case 'backoff': return whileBackoff(replica, replica.state, event, context);
    case 'stopped': return unchanged(replica);
  }
}

type In<K extends ReplicaState['kind']> = Extract<ReplicaState, { kind: K }>;

function whileStarting(replica: ReplicaLife, state: In<'starting'>, event: ReplicaEvent, context: StepContext): ReplicaStep {
  switch (event.kind) {
    case 'hello':
      return to(replica, { kind: 'ready', sinceMicros: context.now, silentAtMicros: Number.POSITIVE_INFINITY }, { kind: 'announce' });
    case 'noted': return to(replica, { ...state, noted: event.reason });
    case 'refused': case 'hung': return end(replica, context, { restart: true, reason: event.reason, cause: event.kind });
    case 'ended': return died(replica, context, { reason: because(state.noted, event.reason), cause: event.cause ?? 'lost', healthy: false });
    case 'drain': return end(replica, context, { restart: false, reason: 'no longer wanted', cause: 'killed' });
    case 'tick': {
      if (context.now < state.untilMicros) return unchanged(replica);
      const waited = Math.round((state.untilMicros - state.sinceMicros) / 1000);
      return end(replica, context, { restart: true, reason: because(state.noted, `no hello within ${waited} ms`), cause: 'no_hello' });
    }
    case 'heartbeat': case 'lost': return unchanged(replica);
  }
}

function whileReady(replica: ReplicaLife, state: In<'ready'>, event: ReplicaEvent, context: StepContext): ReplicaStep {
  const { now, policy } = context;
  const healthy = now - state.sinceMicros >= policy.healthyMicros;
  switch (event.kind) {
    case 'heartbeat': return to(replica, { ...state, silentAtMicros: now + policy.silenceMicros });
    case 'refused': case 'lost': case 'hung':
      return end(replica, context, { restart: true, reason: event.reason, cause: event.kind, healthy, withdraw: true });
    case 'ended': {
      const { next, effects } = died(replica, context, { reason: event.reason, cause: event.cause ?? 'lost', healthy });
      return { next, effects: [{ kind: 'withdraw', reason: event.reason }, ...effects] };
    }
    case 'drain': {
      const draining: ReplicaState = { kind: 'draining', sinceMicros: now, untilMicros: now + policy.drainTimeoutMicros };
      return to(replica, draining, { kind: 'withdraw', reason: 'draining' }, { kind: 'drain' });
    }
    case 'tick': {
      if (now < state.silentAtMicros) return unchanged(replica);
      const reason = `its watchdog was silent for ${Math.round(policy.silenceMicros / 1000)} ms`;
      return end(replica, context, { restart: true, reason, cause: 'silent', healthy, withdraw: true });
    }
    case 'hello': case 'noted': return unchanged(replica);
  }
}

function whileDraining(replica: ReplicaLife, state: In<'draining'>, event: ReplicaEvent, context: StepContext): ReplicaStep {
  switch (event.kind) {
    case 'ended': return to(replica, { kind: 'stopped', sinceMicros: context.now });
    case 'hung': case 'refused': return end(replica, context, { restart: false, reason: event.reason, cause: event.kind });
    case 'tick':
      if (context.now < state.untilMicros) return unchanged(replica);
      return end(replica, context, { restart: false, reason: 'it did not drain in time', cause: 'killed' });
    // Its connection ends once it has answered: the process may take the rest of its time to leave.
    case 'lost': case 'hello': case 'heartbeat': case 'noted': case 'drain': return unchanged(replica);
  }
}

function whileEnding(replica: ReplicaLife, state: In<'ending'>, event: ReplicaEvent, context: StepContext): ReplicaStep {
  switch (event.kind) {
    case 'ended':
      if (!state.restart) return to(replica, { kind: 'stopped', sinceMicros: context.now });
      // A connection that is lost is mostly the first sign of what the process's own end then explains.
      return died(replica, context, { reason: because(state.reason, event.reason), cause: state.cause === 'lost' ? event.cause ?? 'lost' : state.cause, healthy: state.healthy });
    case 'drain': return state.restart ? to(replica, { ...state, restart: false }) : unchanged(replica);
    case 'hello': case 'heartbeat': case 'noted': case 'refused': case 'lost': case 'hung': case 'tick': return unchanged(replica);
  }
}

function whileBackoff(replica: ReplicaLife, state: In<'backoff'>, event: ReplicaEvent, context: StepContext): ReplicaStep {
  switch (event.kind) {
    case 'drain': return to(replica, { kind: 'stopped', sinceMicros: context.now });
    case 'tick':
      if (context.now < state.untilMicros) return unchanged(replica);
      return state.looping && !context.mayTry ? to(replica, { ...state, untilMicros: context.now + jittered(context.policy.backoffLastMicros, context.random) }) : begin(replica, context, state.looping);
    case 'hello': case 'heartbeat': case 'noted': case 'refused': case 'lost': case 'hung': case 'ended': return unchanged(replica);
  }
}

function begin(replica: Omit<ReplicaLife, 'state'>, { now, policy }: StepContext, trial = false): ReplicaStep {
  const state: ReplicaState = { kind: 'starting', sinceMicros: now, untilMicros: now + policy.startTimeoutMicros, ...(trial && { trial }) };
  return { next: { ...replica, life: replica.life + 1, state }, effects: [{ kind: 'spawn' }] };
}

function end(replica: ReplicaLife, { now }: StepContext, how: { restart: boolean; reason: string; cause: DeathCause; healthy?: boolean; withdraw?: boolean }): ReplicaStep {
  const { restart, reason, cause, healthy = false } = how;
  const kill: ReplicaEffect = { kind: 'kill', reason };
  const effects: ReplicaEffect[] = how.withdraw === true ? [{ kind: 'withdraw', reason }, kill] : [kill];
  return to(replica, { kind: 'ending', sinceMicros: now, restart, reason, cause, healthy }, ...effects);
}

function died(replica: ReplicaLife, { now, random, policy }: StepContext, how: { reason: string; cause: DeathCause; healthy: boolean }): ReplicaStep {
  const { reason, cause } = how;
  const failures = how.healthy ? 1 : replica.failures + 1;
  const recentDeaths = [...replica.recentDeaths, now].filter((at) => now - at < policy.loopWindowMicros).slice(-policy.loopDeaths);
  const looping = recentDeaths.length >= policy.loopDeaths;
  const grown = Math.min(policy.backoffLastMicros, policy.backoffFirstMicros * 2 ** Math.min(failures - 1, 40));
  const waitMicros = jittered(looping ? policy.backoffLastMicros : grown, random);
  const state: ReplicaState = { kind: 'backoff', sinceMicros: now, untilMicros: now + waitMicros, reason, cause, looping };
  const next = { ...replica, state, failures, recentDeaths, deaths: replica.deaths + 1 };
  return { next, effects: [{ kind: 'mourn', reason, cause }] };
}

/** From half of it to the whole: replicas that died together do not come back together. */
function jittered(waitMicros: Micros, random: number): Micros {
  return Math.round(waitMicros * (0.5 + random / 2));
}

function to(replica: ReplicaLife, state: ReplicaState, ...effects: readonly ReplicaEffect[]): ReplicaStep {
  return { next: { ...replica, state }, effects };
}

function unchanged(next: ReplicaLife): ReplicaStep {
  return { next, effects: [] };
}

function because(first: string | undefined, then: string): string {
  return first === undefined ? then : `${first}; ${then}`;
}
