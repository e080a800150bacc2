import type { LifePolicy } from '../control/replica-life.ts';
import { reconcileReplicas } from '../control/replica-reconcile.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { Meter } from '../domain/meter.ts';
import { dialledAddresses } from '../domain/model.ts';
import type { ModelKey, ModelSpec, Signature } from '../domain/model.ts';
import type { ReplicaLink } from '../domain/replica.ts';
import type { Refusal, ReplicaFacts, Runtime } from '../domain/runtime.ts';
import { ProgramGauge } from './program-gauge.ts';
import { judgeSignature, sameSignature } from './judge-hello.ts';
import type { Death, SlotOwner, SlotStatus } from './replica-slot.ts';
import { ReplicaSlot } from './replica-slot.ts';

export interface ModelReplicasOptions {
  /** How containers of this spec come to life, and by which rules they live. */
  readonly livesOf: (spec: ModelSpec) => { readonly runtime: Runtime; readonly policy: LifePolicy };
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly meter: Meter;
  readonly onReady: (key: ModelKey, link: ReplicaLink, spec: ModelSpec) => void;
  readonly onGone: (key: ModelKey, link: ReplicaLink, why: string) => void;
  readonly onCredit: (key: ModelKey, link: ReplicaLink) => void;
  readonly onSlot: (link: ReplicaLink, slot: ReplicaSlot) => void;
  /** Nothing is wanted and nothing is left. */
  readonly onEmpty: (key: ModelKey) => void;
  /** A replica ended unasked. */
  readonly onDied: (key: ModelKey, reason: string) => void;
}

/** The replicas of one model version as the operator sees them. */
export interface ModelStatus {
  readonly key: ModelKey;
  readonly desired: number;
  readonly ready: number;
  readonly signature?: Signature;
  readonly replicas: readonly SlotStatus[];
}

/** Lines. */
const MOST_LAST_WORDS = 5;
const STATES = Object.freeze(['starting', 'ready', 'draining', 'ending', 'backoff', 'crash_loop']);

/** All replicas of one model version: brings their number and their spec to what is wanted. */
export class ModelReplicas implements SlotOwner {
  readonly key: ModelKey;
  readonly #options: ModelReplicasOptions;
  readonly #slots = new Map<number, ReplicaSlot>();
  #spec: ModelSpec;
  #wanted = true;
  #generation = 1;
  #lastOrdinal = 0;
  #saidLimitsOf = 0;
  readonly #programs: ProgramGauge;
  #reconciling = false;
  #again = false;

  constructor(key: ModelKey, spec: ModelSpec, options: ModelReplicasOptions) {
    this.key = key;
    this.#spec = spec;
    this.#options = options;
    this.#programs = new ProgramGauge(options.meter, this.#labels());
  }

  /** What is wanted now; undefined: no replicas at all. */
  want(spec: ModelSpec | undefined): void {
    this.#wanted = spec !== undefined;
    if (spec !== undefined && programOf(spec) !== programOf(this.#spec)) this.#generation++;
    this.#spec = spec ?? this.#spec;
    this.#reconcile();
  }

  get isReady(): boolean {
    return this.#ready().length > 0;
  }

  /** Why its replicas die, where none is ready and it is in a crash loop, or on trial after one. */
  get failure(): string | undefined {
    return this.#failing?.status().reason;
  }

  /** The last lines of the container that died of it: of an operator's concern, and no caller's. */
  get lastWords(): readonly string[] {
    return this.#failing?.status().lastDeath?.output.slice(-MOST_LAST_WORDS) ?? [];
  }

  get #failing(): ReplicaSlot | undefined {
    if (this.isReady) return undefined;
    return [...this.#slots.values()].find(({ state }) => (state.kind === 'backoff' && state.looping) || (state.kind === 'starting' && state.trial === true));
  }

  status(): ModelStatus {
    const ready = this.#ready();
    const warm = ready.filter(({ isCold }) => !isCold);
    const signature = (warm.at(-1) ?? ready.at(-1))?.facts?.signature;
    const replicas = [...this.#slots.values()].map((slot) => slot.status());
    return { key: this.key, desired: this.#desired(), ready: warm.length, replicas, ...(signature && { signature }) };
  }

  /** Another takes the place of this one, which serves on until that is ready. False where there is none of this number. */
  replace(ordinal: number): boolean {
    const slot = this.#slots.get(ordinal);
    if (slot === undefined) return false;
    slot.parting = 'replaced';
    this.#reconcile();
    return true;
  }

  /** This one goes as soon as one is too many; the rule as before where `favoured` is false. False where there is none. */
  partFirst(ordinal: number, favoured: boolean): boolean {
    const slot = this.#slots.get(ordinal);
    if (slot === undefined) return false;
    slot.parting = favoured ? 'first' : undefined;
    return true;
  }

  judge(slot: ReplicaSlot, { signature }: ReplicaFacts): Refusal | undefined {
    const sibling = this.#ready().find(({ generation }) => generation === slot.generation);
    return judgeSignature(signature, this.#spec, sibling?.facts?.signature);
  }

  announce(slot: ReplicaSlot, link: ReplicaLink): void {
    this.#options.log.info({ ...this.#labels(), replica: link.id, pid: slot.facts?.pid, about: slot.facts?.about }, 'replica ready');
    this.#sayLimits(slot);
    this.#options.onSlot(link, slot);
    this.#options.onReady(this.key, link, this.#spec);
  }

  /**
   * To be called in the turn in which it is first given queries. Replicas of an earlier wording of the spec may serve beside
   * it, but never with another signature.
   */
  serves(link: ReplicaLink): void {
    for (const other of this.#ready()) {
      if (!other.isCold && other.facts !== undefined && !sameSignature(other.facts.signature, link.signature)) other.drain();
    }
  }

  withdraw(_: ReplicaSlot, link: ReplicaLink, why: string): void {
    this.#options.onGone(this.key, link, why);
  }

  credit(link: ReplicaLink): void {
    this.#options.onCredit(this.key, link);
  }

  mourn(slot: ReplicaSlot, { cause, reason, output }: Death): void {
    const { log, meter } = this.#options;
    meter.add(meter.cell('tradewind_replica_deaths_total', { ...this.#labels(), cause }), 1);
    const { id, state, deaths, retryInMs } = slot.status();
    log.warn({ ...this.#labels(), replica: id, cause, state, deaths, retryInMs, output: output.slice(-MOST_LAST_WORDS) }, `replica died: ${reason}`);
    this.#options.onDied(this.key, reason);
  }

  /** Half open: of a version in a crash loop one replica is on trial at a time, until one is ready. A dialled one is its own case. */
  mayTry(slot: ReplicaSlot): boolean {
    if (dialledAddresses(this.#spec.container) !== undefined) return true;
    return this.isReady || ![...this.#slots.values()].some((other) => other !== slot && other.state.kind === 'starting');
  }

  changed(slot: ReplicaSlot): void {
    if (slot.state.kind === 'stopped') this.#slots.delete(slot.ordinal);
    this.#reconcile();
  }

  /** Carrying an action out may change what is to be done: then it looks again, once the present look is over. */
  #reconcile(): void {
    this.#again = true;
    if (this.#reconciling) return;
    this.#reconciling = true;
    while (this.#again) {
      this.#again = false;
      this.#look();
    }
    this.#reconciling = false;
    this.#count();
    if (!this.#wanted && this.#slots.size === 0) this.#options.onEmpty(this.key);
  }

  #look(): void {
    const dialled = dialledAddresses(this.#spec.container);
    const addresses = dialled !== undefined && !this.#wanted ? [] : dialled;
    const want = { generation: this.#generation, count: this.#desired(), ...(addresses && { addresses }) };
    for (const action of reconcileReplicas(want, [...this.#slots.values()].map(({ fact }) => fact))) {
      if (action.kind === 'start') this.#start(action.address);
      else this.#slots.get(action.ordinal)?.drain();
    }
  }

  #start(address: string | undefined): void {
    const { livesOf, clock, random } = this.#options;
    const ordinal = ++this.#lastOrdinal;
    const slot = new ReplicaSlot({
      key: this.key, spec: this.#spec, ordinal, generation: this.#generation, clock, random, owner: this,
      ...livesOf(this.#spec),
      ...(address !== undefined && { address }),
    });
    this.#slots.set(ordinal, slot);
  }

  #desired(): number {
    if (!this.#wanted) return 0;
    return dialledAddresses(this.#spec.container)?.length ?? this.#spec.replicas;
  }

  /** A limit that nobody holds is a surprise to whoever wrote it down: once for each wording of the spec. */
  #sayLimits(slot: ReplicaSlot): void {
    const limits = slot.status().limits?.filter(({ why }) => why !== undefined) ?? [];
    if (limits.length === 0 || this.#saidLimitsOf === this.#generation) return;
    this.#saidLimitsOf = this.#generation;
    this.#options.log.warn({ ...this.#labels(), limits }, `limits that the kernel does not hold these replicas to: ${limits.map(({ limit, why = '' }) => `${limit} (${why})`).join('; ')}`);
  }

  #ready(): ReplicaSlot[] {
    return [...this.#slots.values()].filter(({ state }) => state.kind === 'ready');
  }

  #labels(): { model: string; version: string } {
    return { model: this.#spec.name, version: String(this.#spec.version) };
  }

  #count(): void {
    const { meter } = this.#options;
    const states = [...this.#slots.values()].map((slot) => slot.status().state);
    for (const state of STATES) {
      meter.set(meter.cell('tradewind_replicas', { ...this.#labels(), state }), states.filter((one) => one === state).length);
    }
    this.#programs.count(this.#ready().map(({ facts }) => facts?.about ?? {}));
  }
}

/** What a change of means another program, or another judgement of it: replicas are then started anew. */
function programOf({ container, path, options, input, output, limits }: ModelSpec): string {
  const program = 'addresses' in container ? { ...container, addresses: undefined } : container;
  return JSON.stringify([program, path, options, input, output.name, output.kind, limits]);
}
