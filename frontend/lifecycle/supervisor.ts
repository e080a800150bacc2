import type { LifePolicy } from '../control/replica-life.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { Meter } from '../domain/meter.ts';
import type { DesiredState, ModelKey, ModelSpec } from '../domain/model.ts';
import { DEFAULT_START_TIMEOUT_MS, EMPTY_DESIRED_STATE, dialledAddresses } from '../domain/model.ts';
import type { ReplicaLink } from '../domain/replica.ts';
import type { Runtime } from '../domain/runtime.ts';
import type { ModelStatus } from './model-replicas.ts';
import { ModelReplicas } from './model-replicas.ts';
import type { ReplicaSlot } from './replica-slot.ts';

export interface SupervisorOptions {
  /** `local` starts child processes, `external` dials. */
  readonly runtimes: { readonly local: Runtime; readonly external: Runtime };
  readonly clock: Clock;
  /** In [0, 1); for the jitter of backoffs. */
  readonly random: () => number;
  readonly log: Log;
  readonly meter: Meter;
  readonly policy?: Partial<LifePolicy>;
  /** The replica takes batches from now on; whoever gives it queries says so in the same turn, by `serves`. */
  readonly onReady: (key: ModelKey, link: ReplicaLink, spec: ModelSpec) => void;
  /** It takes no more, exactly once after `onReady`. Batches under way end through their sinks, after this. */
  readonly onGone: (key: ModelKey, link: ReplicaLink, why: string) => void;
  /** It may be sent a batch; never before `onReady`. */
  readonly onCredit: (key: ModelKey, link: ReplicaLink) => void;
  /** A replica ended unasked; it is tried again. */
  readonly onDied?: (key: ModelKey, reason: string) => void;
  /** Nothing of the version is wanted, and nothing is left. */
  readonly onForgotten?: (key: ModelKey) => void;
}

const SECOND = 1_000_000;
const LIFE_POLICY: LifePolicy = Object.freeze({
  startTimeoutMicros: DEFAULT_START_TIMEOUT_MS * 1000,
  drainTimeoutMicros: 10 * SECOND,
  silenceMicros: 15 * SECOND,
  backoffFirstMicros: SECOND / 10,
  backoffLastMicros: 30 * SECOND,
  loopDeaths: 5,
  loopWindowMicros: 120 * SECOND,
  healthyMicros: 30 * SECOND,
});
/** A container that is dialled costs nothing to try again, and may be up at any moment. */
const LAST_REDIAL_MICROS = 5 * SECOND;
/** Past its drain's limit a process is killed; so long may its end take to be seen. */
const KILL_MICROS = 2 * SECOND;

/** Keeps the replicas of all model versions as they are wanted, whatever happens to them. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #models = new Map<ModelKey, ModelReplicas>();
  readonly #slots = new WeakMap<ReplicaLink, ReplicaSlot>();
  readonly #policy: LifePolicy;
  readonly #local: { readonly runtime: Runtime; readonly policy: LifePolicy };
  readonly #external: { readonly runtime: Runtime; readonly policy: LifePolicy };
  #draining: Promise<void> | undefined;
  #drained: () => void = () => {};

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#policy = { ...LIFE_POLICY, ...options.policy };
    const backoffLastMicros = Math.min(this.#policy.backoffLastMicros, LAST_REDIAL_MICROS);
    this.#local = { runtime: options.runtimes.local, policy: this.#policy };
    this.#external = { runtime: options.runtimes.external, policy: { ...this.#policy, backoffLastMicros } };
  }

  /** Starts what is new, drains what is gone or too many, replaces what has changed. After `drain` it does nothing. */
  apply(desired: DesiredState): void {
    if (this.#draining === undefined) this.#want(desired);
  }

  /** The oldest batch of this replica is overdue: it is cut off (its batches end as `lost`), killed, and replaced. */
  hung(link: ReplicaLink, why = 'hung: its oldest batch is overdue'): void {
    this.#slots.get(link)?.hung(link, why);
  }

  /** This replica's warm-up has begun, or is over: until then it counts as not ready, and takes nobody's place. */
  warming(link: ReplicaLink, isCold: boolean): void {
    this.#slots.get(link)?.warming(link, isCold);
  }

  /** As `ModelReplicas.serves`. */
  serves(link: ReplicaLink): void {
    this.#slots.get(link)?.serves(link);
  }

  /** As `ModelReplicas.replace`. */
  replace(key: ModelKey, ordinal: number): boolean {
    return this.#models.get(key)?.replace(ordinal) ?? false;
  }

  /** As `ModelReplicas.partFirst`. */
  partFirst(key: ModelKey, ordinal: number, favoured: boolean): boolean {
    return this.#models.get(key)?.partFirst(ordinal, favoured) ?? false;
  }

  isReady(key: ModelKey): boolean {
    return this.#models.get(key)?.isReady ?? false;
  }

  /** As `ModelReplicas.failure`. */
  failure(key: ModelKey): string | undefined {
    return this.#models.get(key)?.failure;
  }

  /** As `ModelReplicas.lastWords`. */
  lastWords(key: ModelKey): readonly string[] {
    return this.#models.get(key)?.lastWords ?? [];
  }

  /** Something of the version is wanted, or has not ended yet. */
  has(key: ModelKey): boolean {
    return this.#models.has(key);
  }

  status(): readonly ModelStatus[] {
    return [...this.#models.values()].map((model) => model.status());
  }

  /** Drains every replica; resolves when none is left, or at the limit of a drain. */
  drain(): Promise<void> {
    const { clock, log } = this.#options;
    this.#draining ??= new Promise((resolve) => {
      const stop = clock.wakeAt(clock.now() + this.#policy.drainTimeoutMicros + KILL_MICROS, () => {
        log.error({ left: this.status().map(({ key }) => key) }, 'replicas are left that did not end when they were killed');
        resolve();
      });
      this.#drained = () => {
        stop();
        resolve();
      };
      this.#want(EMPTY_DESIRED_STATE);
      if (this.#models.size === 0) this.#drained();
    });
    return this.#draining;
  }

  #want({ models }: DesiredState): void {
    const wanted = new Map(Object.entries(models) as [ModelKey, ModelSpec][]);
    for (const [key, model] of [...this.#models]) if (!wanted.has(key)) model.want(undefined);
    for (const [key, spec] of wanted) this.#model(key, spec).want(spec);
  }

  #model(key: ModelKey, spec: ModelSpec): ModelReplicas {
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const model = new ModelReplicas(key, spec, this.#modelOptions(spec));
    this.#models.set(key, model);
    return model;
  }

  #modelOptions(spec: ModelSpec): ConstructorParameters<typeof ModelReplicas>[2] {
    const { clock, random, log, meter, onReady, onGone, onCredit } = this.#options;
    return {
      clock, random, log, meter, onReady, onGone, onCredit,
      livesOf: ({ container, startTimeoutMs }) => {
        const lives = dialledAddresses(container) === undefined ? this.#local : this.#external;
        return startTimeoutMs === undefined ? lives : { ...lives, policy: { ...lives.policy, startTimeoutMicros: startTimeoutMs * 1000 } };
      },
      onSlot: (link, slot) => this.#slots.set(link, slot),
      onEmpty: (key) => this.#forget(key, spec),
      onDied: (key, reason) => this.#options.onDied?.(key, reason),
    };
  }

  #forget(key: ModelKey, { name, version }: ModelSpec): void {
    this.#models.delete(key);
    this.#options.meter.forget({ model: name, version: String(version) });
    if (this.#models.size === 0) this.#drained();
    this.#options.onForgotten?.(key);
  }
}
