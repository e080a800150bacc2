import type { ArmName } from '../domain/arm.ts';
import type { DesiredState, ModelKey, ModelSpec, Signature } from '../domain/model.ts';
import { modelKey } from '../domain/model.ts';
import type { ReplicaLink } from '../domain/replica.ts';
import type { ModelQueue } from './model-queue.ts';

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
  #desired: Pick<DesiredState, 'models' | 'labels'> = { models: {}, labels: {} };
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
      if (spec === undefined) this.#signatures.delete(key);
      else this.#replace(key, spec, queue);
    }
    for (const [key, spec] of Object.entries(desired.models) as [ModelKey, ModelSpec][]) {
      if (!this.#queues.has(key)) this.#queues.set(key, this.#open(key, spec));
    }
    this.#revision++;
  }

  /** Rows of retired versions that have not settled; a version whose number is 0 is let go. */
  retiringRows(): number {
    let rows = 0;
    for (const queue of this.#retiring) {
      const left = queue.queuedRows + queue.flights;
      rows += left;
      if (left > 0) continue;
      queue.close();
      this.#retiring.delete(queue);
    }
    return rows;
  }

  ready(key: ModelKey, link: ReplicaLink): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) return;
    this.#signatures.set(key, link.signature);
    queue.attach(link);
    this.#revision++;
  }

  gone(key: ModelKey, link: ReplicaLink): void {
    this.#queues.get(key)?.detach(link);
    for (const queue of this.#retiring) queue.detach(link);
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
   * The version that an arm means now: the one it names; that of its label; for a bare name `@stable` where that is set,
   * else the newest version with a replica, else the newest. Undefined where there is none.
   */
  resolve({ model, version, label }: ArmName): ModelQueue | undefined {
    if (version !== undefined) return this.#queues.get(modelKey(model, version));
    if (label !== undefined) return this.#labelled(model, label);
    const stable = this.#labelled(model, 'stable');
    if (stable !== undefined) return stable;
    const queues = this.versionsOf(model).map((v) => this.#queues.get(modelKey(model, v))).filter((q) => q !== undefined);
    return queues.find((queue) => queue.replicas.length > 0) ?? queues[0];
  }

  #labelled(model: string, label: string): ModelQueue | undefined {
    const labels = this.#desired.labels[model];
    const version = labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
    return version === undefined ? undefined : this.#queues.get(modelKey(model, version));
  }

  #replace(key: ModelKey, spec: ModelSpec, old: ModelQueue): void {
    const queue = this.#open(key, spec);
    this.#queues.set(key, queue);
    for (const link of old.replicas) queue.attach(link);
  }
}

function sameQueue(a: ModelSpec, b: ModelSpec): boolean {
  return JSON.stringify({ ...a, replicas: 0 }) === JSON.stringify({ ...b, replicas: 0 });
}
