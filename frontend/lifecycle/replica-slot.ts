import type { LifePolicy, ReplicaEffect, ReplicaEvent, ReplicaLife, ReplicaState, ReplicaStep, StepContext } from '../control/replica-life.ts';
import { beginReplica, stepReplica, wakesAt } from '../control/replica-life.ts';
import type { ReplicaFact } from '../control/replica-reconcile.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { ModelKey, ModelSpec } from '../domain/model.ts';
import type { ReplicaId, ReplicaLink } from '../domain/replica.ts';
import type { DeathCause, HeldLimit, Refusal, ReplicaEnd, ReplicaFacts, ReplicaRun, ReplicaWatcher, Runtime } from '../domain/runtime.ts';

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
  /** It is given queries from this turn on. */
  serves(link: ReplicaLink): void;
  withdraw(slot: ReplicaSlot, link: ReplicaLink, why: string): void;
  credit(link: ReplicaLink): void;
  mourn(slot: ReplicaSlot, death: Death): void;
  /** Whether a replica in a crash loop may try again. */
  mayTry(slot: ReplicaSlot): boolean;
  /** Its state has changed. */
  changed(slot: ReplicaSlot): void;
}

/** The end of a life that was unasked, as the operator is told of it. */
export interface Death {
  readonly life: ReplicaId;
  readonly cause: DeathCause;
  readonly reason: string;
  readonly agoMs: number;
  /** The last lines that it printed. */
  readonly output: readonly string[];
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
  /** Lines that it has printed in all, of which `output` holds the last. */
  readonly printed?: number;
  /** Its latest death, kept until the next. */
  readonly lastDeath?: Death;
  /** Resident memory of the processes of its life, when last looked at. */
  readonly memoryMb?: number;
  /** What holds it to its limits, where it has any. */
  readonly limits?: readonly HeldLimit[];
  readonly facts?: ReplicaFacts;
}

const BYTES_PER_MB = 1_048_576;

/** A wake that is so late has not waited for its turn: the process did not run. Those who were waited for have as long to be heard. */
const STOOD_STILL_MICROS = 1_000_000;

/** One replica: feeds what happens to the reducer of its life and carries out what comes of it. */
export class ReplicaSlot {
  readonly ordinal: number;
  readonly generation: number;
  readonly #options: SlotOptions;
  /** What the operator wants of it: `ReplicaFact.parting`. */
  parting: ReplicaFact['parting'];
  #replica: ReplicaLife;
  #run: ReplicaRun | undefined;
  #link: ReplicaLink | undefined;
  #facts: ReplicaFacts | undefined;
  #isCold = false;
  #death: (Omit<Death, 'agoMs'> & { readonly atMicros: Micros }) | undefined;
  #stopWake: (() => void) | undefined;
  #wakeAt: Micros = Number.POSITIVE_INFINITY;
  /** When its watchdog was heard last, beyond what the reducer was told. */
  #heardAtMicros: Micros | undefined;

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
    const { ordinal, generation, state, parting } = this;
    return { ordinal, generation, state, ...(this.#isCold && { isCold: true }), ...(parting !== undefined && { parting }), ...(address !== undefined && { address }) };
  }

  /** Whether its present life has said hello, and its warm-up is not over. */
  get isCold(): boolean {
    return this.#isCold;
  }

  /** The warm-up of this link has begun, or is over. */
  warming(link: ReplicaLink, isCold: boolean): void {
    if (link !== this.#link || isCold === this.#isCold) return;
    this.#isCold = isCold;
    this.#options.owner.changed(this);
  }

  /** This link is given queries from this turn on. */
  serves(link: ReplicaLink): void {
    if (link === this.#link) this.#options.owner.serves(link);
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
    const reason = state.kind === 'backoff' || state.kind === 'ending' ? state.reason : this.#death?.reason;
    const memoryBytes = this.#run?.memoryBytes?.();
    const pid = this.#run?.pid();
    const limits = this.#run?.limits?.() ?? [];
    return {
      id: this.#id(),
      state: state.kind === 'backoff' && state.looping ? 'crash_loop' : state.kind,
      stateForMs: Math.round((now - state.sinceMicros) / 1000),
      deaths: this.#replica.deaths,
      output: this.#run?.output() ?? [],
      ...(this.#run?.printed !== undefined && { printed: this.#run.printed() }),
      ...(pid !== undefined && state.kind !== 'backoff' && state.kind !== 'stopped' && { pid }),
      ...(address !== undefined && { address }),
      ...(state.kind === 'backoff' && { retryInMs: Math.max(0, Math.round((state.untilMicros - now) / 1000)) }),
      ...(reason !== undefined && { reason }),
      ...this.#lastDeath(now),
      ...(memoryBytes !== undefined && { memoryMb: Math.round(memoryBytes / BYTES_PER_MB) }),
      ...(limits.length > 0 && { limits }),
      ...(this.#facts && { facts: this.#facts }),
    };
  }

  #lastDeath(now: Micros): { lastDeath?: Death } {
    if (this.#death === undefined) return {};
    const { atMicros, ...death } = this.#death;
    return { lastDeath: { ...death, agoMs: Math.round((now - atMicros) / 1000) } };
  }

  /** Each life has a name of its own, so that nothing said of one is taken for another. */
  #id(): ReplicaId {
    return `${this.#options.key}/${this.ordinal}.${this.#replica.life}`;
  }

  #context(): StepContext {
    const { clock, random, policy, owner } = this.#options;
    return { now: clock.now(), random: random(), policy, mayTry: owner.mayTry(this) };
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
        return this.#mourn(effect);
    }
  }

  #mourn({ cause, reason }: { readonly cause: DeathCause; readonly reason: string }): void {
    const { clock, owner } = this.#options;
    this.#death = { life: this.#id(), cause, reason, output: this.#run?.output() ?? [], atMicros: clock.now() };
    owner.mourn(this, { ...this.#death, agoMs: 0 });
  }

  #spawn(): void {
    const { key, spec, runtime, address } = this.#options;
    this.#link = undefined;
    this.#facts = undefined;
    this.#isCold = false;
    this.#heardAtMicros = undefined;
    this.#run = runtime.start({ id: this.#id(), key, spec, ...(address !== undefined && { address }) }, this.#watcher(this.#replica.life));
  }

  #watcher(life: number): ReplicaWatcher {
    const { owner } = this.#options;
    const step = (kind: 'noted' | 'refused' | 'lost', reason: string): void => this.#step({ kind, life, reason });
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
      started: () => {},
      credit: (link) => owner.credit(link),
      closed: (_, why) => step('lost', why),
      refused: ({ code, message }) => step('refused', `refused (${code}): ${message}`),
      noted: ({ code, message }) => step('noted', `refused (${code}): ${message}`),
      heartbeat: () => this.#heard(life),
      watchdogLost: (why) => step('lost', `its watchdog is gone: ${why}`),
      ended: ({ message, cause }: ReplicaEnd) => this.#step({ kind: 'ended', life, reason: message, ...(cause !== undefined && { cause }) }),
    };
  }

  /** A beat is noted; only the first one is a step, which is much for what hundreds of idle replicas say every few seconds. */
  #heard(life: number): void {
    const { clock, policy } = this.#options;
    const { state } = this;
    if (state.kind !== 'ready' || state.silentAtMicros === Number.POSITIVE_INFINITY) return this.#step({ kind: 'heartbeat', life });
    if (life !== this.#replica.life) return;
    this.#heardAtMicros = clock.now();
    // Wakes that ring to find that it was heard meanwhile would cost more than they are worth; so would one set anew with each beat.
    if (this.#wakeAt - this.#heardAtMicros < policy.silenceMicros / 2) this.#setWake();
  }

  /** When time alone changes something: for one that was heard, when it will have been silent for too long. */
  #dueAt(): Micros {
    const at = wakesAt(this.#replica);
    return this.state.kind !== 'ready' || this.#heardAtMicros === undefined ? at : Math.max(at, this.#heardAtMicros + this.#options.policy.silenceMicros);
  }

  #setWake(): void {
    const at = this.#dueAt();
    if (at === this.#wakeAt) return;
    this.#stopWake?.();
    this.#wakeAt = at;
    this.#stopWake = at === Number.POSITIVE_INFINITY ? undefined : this.#options.clock.wakeAt(at, () => {
      const { clock, policy } = this.#options;
      const now = clock.now();
      this.#wakeAt = Number.POSITIVE_INFINITY;
      // The broker stood still: what its watchdog said meanwhile is not read yet.
      if (this.state.kind === 'ready' && now - at > STOOD_STILL_MICROS) this.#heardAtMicros = now + STOOD_STILL_MICROS - policy.silenceMicros;
      if (this.#dueAt() > now) this.#setWake();
      else this.#step({ kind: 'tick' });
    });
  }
}
