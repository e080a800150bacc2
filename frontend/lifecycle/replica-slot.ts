import type { LifePolicy, ReplicaEffect, ReplicaEvent, ReplicaLife, ReplicaState, ReplicaStep } from '../control/replica-life.ts';
import { beginReplica, stepReplica, wakesAt } from '../control/replica-life.ts';
import type { ReplicaFact } from '../control/replica-reconcile.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { ModelKey, ModelSpec } from '../domain/model.ts';
import type { ReplicaId, ReplicaLink } from '../domain/replica.ts';
import type { Refusal, ReplicaEnd, ReplicaFacts, ReplicaRun, ReplicaWatcher, Runtime } from '../domain/runtime.ts';

export interface SlotOptions {
  readonly key: ModelKey;
  readonly spec: ModelSpec;
  readonly ordinal: number;
  readonly generation: number;
  readonly address?: string;
  readonly runtime: Runtime;
  readonly policy: LifePolicy;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly owner: SlotOwner;
}

/** What a slot tells the model version that it belongs to. */
export interface SlotOwner {
  judge(slot: ReplicaSlot, facts: ReplicaFacts): Refusal | undefined;
  announce(slot: ReplicaSlot, link: ReplicaLink): void;
  withdraw(slot: ReplicaSlot, link: ReplicaLink, why: string): void;
  credit(link: ReplicaLink): void;
  mourn(slot: ReplicaSlot, reason: string): void;
  /** Its state has changed. */
  changed(slot: ReplicaSlot): void;
}

/** One replica as the operator sees it. */
export interface SlotStatus {
  readonly id: ReplicaId;
  readonly state: 'starting' | 'ready' | 'draining' | 'ending' | 'backoff' | 'crash_loop' | 'stopped';
  readonly stateForMs: number;
  readonly pid?: number;
  readonly address?: string;
  readonly deaths: number;
  /** When the next try is made, in a backoff. */
  readonly retryInMs?: number;
  /** Why its last life ended, or the present one is being ended. */
  readonly reason?: string;
  /** The last lines that it printed: of the present life, or in a backoff, of the one that ended. */
  readonly output: readonly string[];
  readonly facts?: ReplicaFacts;
}

/** One replica: feeds what happens to the reducer of its life and carries out what comes of it. */
export class ReplicaSlot {
  readonly ordinal: number;
  readonly generation: number;
  readonly #options: SlotOptions;
  #replica: ReplicaLife;
  #run: ReplicaRun | undefined;
  #link: ReplicaLink | undefined;
  #facts: ReplicaFacts | undefined;
  #reason: string | undefined;
  #stopWake: (() => void) | undefined;
  #wakeAt: Micros = Number.POSITIVE_INFINITY;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.ordinal = options.ordinal;
    this.generation = options.generation;
    const begun = beginReplica(this.#context());
    this.#replica = begun.next;
    this.#carryOut(begun);
  }

  get state(): ReplicaState {
    return this.#replica.state;
  }

  /** Of its present life, once that is ready. */
  get facts(): ReplicaFacts | undefined {
    return this.#facts;
  }

  get fact(): ReplicaFact {
    const { address } = this.#options;
    return { ordinal: this.ordinal, generation: this.generation, state: this.state, ...(address !== undefined && { address }) };
  }

  drain(): void {
    this.#step({ kind: 'drain' });
  }

  /** The oldest batch of this link is overdue: it is cut off, and another life begins. */
  hung(link: ReplicaLink, reason: string): void {
    if (link === this.#link) this.#step({ kind: 'hung', life: this.#replica.life, reason });
  }

  status(): SlotStatus {
    const { clock, address } = this.#options;
    const { state } = this;
    const now = clock.now();
    const reason = state.kind === 'backoff' || state.kind === 'ending' ? state.reason : this.#reason;
    return {
      id: this.#id(),
      state: state.kind === 'backoff' && state.looping ? 'crash_loop' : state.kind,
      stateForMs: Math.round((now - state.sinceMicros) / 1000),
      deaths: this.#replica.deaths,
      output: this.#run?.output() ?? [],
      ...(this.#run?.pid !== undefined && state.kind !== 'backoff' && state.kind !== 'stopped' && { pid: this.#run.pid }),
      ...(address !== undefined && { address }),
      ...(state.kind === 'backoff' && { retryInMs: Math.max(0, Math.round((state.untilMicros - now) / 1000)) }),
      ...(reason !== undefined && { reason }),
      ...(this.#facts && { facts: this.#facts }),
    };
  }

  /** Each life has a name of its own, so that nothing said of one is taken for another. */
  #id(): ReplicaId {
    return `${this.#options.key}/${this.ordinal}.${this.#replica.life}`;
  }

  #context(): { now: Micros; random: number; policy: LifePolicy } {
    const { clock, random, policy } = this.#options;
    return { now: clock.now(), random: random(), policy };
  }

  #step(event: ReplicaEvent): void {
    const before = this.#replica;
    const step = stepReplica(before, event, this.#context());
    this.#replica = step.next;
    this.#carryOut(step);
    if (step.next.state.kind !== before.state.kind) this.#options.owner.changed(this);
  }

  #carryOut({ effects }: ReplicaStep): void {
    for (const effect of effects) this.#do(effect);
    this.#setWake();
  }

  #do(effect: ReplicaEffect): void {
    const { owner } = this.#options;
    const link = this.#link;
    switch (effect.kind) {
      case 'spawn': return this.#spawn();
      case 'announce':
        if (link !== undefined) owner.announce(this, link);
        return;
      case 'withdraw':
        if (link !== undefined) owner.withdraw(this, link, effect.reason);
        return;
      case 'drain': return link?.drain();
      case 'kill': return this.#run?.kill(effect.reason);
      case 'mourn':
        this.#reason = effect.reason;
        return owner.mourn(this, effect.reason);
    }
  }

  #spawn(): void {
    const { key, spec, runtime, address } = this.#options;
    this.#link = undefined;
    this.#facts = undefined;
    this.#run = runtime.start({ id: this.#id(), key, spec, ...(address !== undefined && { address }) }, this.#watcher(this.#replica.life));
  }

  #watcher(life: number): ReplicaWatcher {
    const { owner } = this.#options;
    const step = (kind: 'noted' | 'refused' | 'lost' | 'ended', reason: string): void => this.#step({ kind, life, reason });
    return {
      judge: (facts) => {
        if (life !== this.#replica.life || this.state.kind !== 'starting') return { code: 'not_wanted', message: 'it is no longer wanted' };
        return owner.judge(this, facts);
      },
      ready: (link, facts) => {
        this.#link = link;
        this.#facts = facts;
        this.#step({ kind: 'hello', life });
      },
      credit: (link) => owner.credit(link),
      closed: (_, why) => step('lost', why),
      refused: ({ code, message }) => step('refused', `refused (${code}): ${message}`),
      noted: ({ code, message }) => step('noted', `refused (${code}): ${message}`),
      heartbeat: () => this.#step({ kind: 'heartbeat', life }),
      watchdogLost: (why) => step('lost', `its watchdog is gone: ${why}`),
      ended: ({ message }: ReplicaEnd) => step('ended', message),
    };
  }

  #setWake(): void {
    const at = wakesAt(this.#replica);
    if (at === this.#wakeAt) return;
    this.#stopWake?.();
    this.#wakeAt = at;
    this.#stopWake = at === Number.POSITIVE_INFINITY ? undefined : this.#options.clock.wakeAt(at, () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#step({ kind: 'tick' });
    });
  }
}
