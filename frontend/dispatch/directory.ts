import { splitShares } from '../control/split-shares.ts';
import type { ArmName } from '../domain/arm.ts';
import type { DesiredState, ModelKey, ModelSpec, Signature } from '../domain/model.ts';
import { modelKey } from '../domain/model.ts';
import type { ReplicaLink } from '../domain/replica.ts';
import type { ModelQueue } from './model-queue.ts';

/** A version's part of the traffic of its model, in (0, 1]. */
export interface QueueShare {
  readonly queue: ModelQueue;
  readonly share: number;
}

const NO_SHARES: readonly QueueShare[] = Object.freeze([]);

/**
 * Which model versions exist, which replicas they have, and what an arm means now. One per broker; told of desired state
 * by `apply` and of replicas by `ready` and `gone`. `revision` rises with every change: what is resolved may be kept
 * until then.
 */
export class Directory {
  readonly #open: (key: ModelKey, spec: ModelSpec) => ModelQueue;
  readonly #queues = new Map<ModelKey, ModelQueue>();
  /** Queues of versions that are no longer wanted, until their rows have settled. */
  readonly #retiring = new Set<ModelQueue>();
  readonly #signatures = new Map<ModelKey, Signature>();
  /** Replicas that take batches, of versions without a queue too: one that is wanted again has them at once. */
  readonly #links = new Map<ModelKey, Set<ReplicaLink>>();
  #desired: Pick<DesiredState, 'models' | 'labels' | 'rules'> = { models: {}, labels: {} };
  #revision = 0;

  constructor(open: (key: ModelKey, spec: ModelSpec) => ModelQueue) {
    this.#open = open;
  }

  get revision(): number {
    return this.#revision;
  }

  queues(): Iterable<ModelQueue> {
    return this.#queues.values();
  }

  queue(key: ModelKey): ModelQueue | undefined {
    return this.#queues.get(key);
  }

  /** The signature of a version: what a replica said, else what the configuration declares (its inputs). */
  signature(key: ModelKey): Signature | undefined {
    return this.#signatures.get(key);
  }

  /** A spec that changed in more than its number of replicas gets a new queue, with the replicas of the old one. */
  apply(desired: DesiredState): void {
    this.#desired = desired;
    for (const [key, queue] of this.#queues) {
      const spec = desired.models[key];
      if (spec !== undefined && sameQueue(spec, queue.spec)) continue;
      this.#queues.delete(key);
      queue.retire();
      this.#retiring.add(queue);
      if (spec === undefined) this.#forgetSignature(key);
    }
    for (const [key, spec] of Object.entries(desired.models) as [ModelKey, ModelSpec][]) {
      if (this.#queues.has(key)) continue;
      const queue = this.#open(key, spec);
      this.#queues.set(key, queue);
      for (const older of this.#retiring) if (older.key === key) queue.follow(older);
      for (const link of this.#links.get(key) ?? []) queue.attach(link);
    }
    this.#revision++;
  }

  /** Versions that `apply` dropped and that have rows which have not settled; the others are let go. */
  unsettled(): ReadonlySet<ModelKey> {
    const keys = new Set<ModelKey>();
    for (const queue of this.#retiring) {
      if (queue.queuedRows + queue.flights > 0) {
        keys.add(queue.key);
        continue;
      }
      queue.close();
      this.#retiring.delete(queue);
    }
    return keys;
  }

  /** Some replica of the version takes batches, whether queries go to it or not. */
  isReady(key: ModelKey): boolean {
    return this.#links.has(key);
  }

  ready(key: ModelKey, link: ReplicaLink): void {
    const links = this.#links.get(key) ?? new Set();
    this.#links.set(key, links.add(link));
    const before = this.#signatures.get(key);
    this.#signatures.set(key, link.signature);
    // Also what waits from before a change of the spec, unless it was read as inputs of another signature.
    const alike = before === undefined || JSON.stringify(before) === JSON.stringify(link.signature);
    for (const queue of this.#retiring) if (queue.key === key && alike) queue.attach(link);
    this.#queues.get(key)?.attach(link);
    this.#revision++;
  }

  gone(key: ModelKey, link: ReplicaLink): void {
    const links = this.#links.get(key);
    links?.delete(link);
    if (links?.size === 0) this.#links.delete(key);
    this.#queues.get(key)?.detach(link);
    for (const queue of this.#retiring) queue.detach(link);
    this.#forgetSignature(key);
    this.#revision++;
  }

  /** A replica has a credit. */
  pull(key: ModelKey): void {
    this.#queues.get(key)?.pull();
    for (const queue of this.#retiring) if (queue.key === key) queue.pull();
  }

  /** Newest first. */
  versionsOf(model: string): number[] {
    const versions: number[] = [];
    for (const spec of Object.values(this.#desired.models)) if (spec.name === model) versions.push(spec.version);
    return versions.toSorted((a, b) => b - a);
  }

  /**
   * The version that an arm means now: the one it names; that of its label; for a bare name the one with the greatest share
   * where the model's traffic is split, else `@stable` where that is set, else the newest version with a replica, else the
   * newest. Undefined where there is none.
   */
  resolve({ model, version, label }: ArmName): ModelQueue | undefined {
    if (version !== undefined) return this.#queues.get(modelKey(model, version));
    if (label !== undefined) return this.#labelled(model, label);
    const [most] = this.split(model).toSorted((a, b) => b.share - a.share);
    if (most !== undefined) return most.queue;
    const stable = this.#labelled(model, 'stable');
    if (stable !== undefined) return stable;
    const queues = this.versionsOf(model).map((v) => this.#queues.get(modelKey(model, v))).filter((q) => q !== undefined);
    return queues.find((queue) => queue.replicas.length > 0) ?? queues[0];
  }

  /** Whom queries go to that name no version of this model, and with which shares, which sum to 1; none where it is not split. */
  split(model: string): readonly QueueShare[] {
    const split = this.#desired.rules?.[model]?.split;
    if (split === undefined) return NO_SHARES;
    const queueOf = (version: number): ModelQueue | undefined => this.#queues.get(modelKey(model, version));
    return splitShares(split, this.#desired.labels[model] ?? {}, (version) => (queueOf(version)?.replicas.length ?? 0) > 0).flatMap(({ version, share }) => {
      const queue = queueOf(version);
      return queue === undefined ? [] : [{ queue, share }];
    });
  }

  #labelled(model: string, label: string): ModelQueue | undefined {
    const labels = this.#desired.labels[model];
    const version = labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
    return version === undefined ? undefined : this.#queues.get(modelKey(model, version));
  }

  /** What a version's replicas said is known as long as it is wanted, or has one. */
  #forgetSignature(key: ModelKey): void {
    if (!this.#queues.has(key) && !this.#links.has(key)) this.#signatures.delete(key);
  }
}

function sameQueue(a: ModelSpec, b: ModelSpec): boolean {
  return JSON.stringify({ ...a, replicas: 0 }) === JSON.stringify({ ...b, replicas: 0 });
}
