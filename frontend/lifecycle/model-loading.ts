import type { Failure } from '../domain/answer.ts';
import type { Deed } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import { modelKey, type DesiredState, type ModelKey } from '../domain/model.ts';
import type { ChangeResult } from './desired-state-owner.ts';

/** How long a load waits for its replicas. */
const LOAD_MICROS = 120_000_000;

/** What is needed of the owner of desired state. */
export interface ReplicaSetter {
  readonly current: DesiredState;
  setReplicas(model: string, version: number, replicas: number, options: { readonly by?: Deed }): Promise<ChangeResult>;
}

interface Waiting {
  readonly keys: readonly ModelKey[];
  readonly done: (failure: Failure | undefined) => void;
  readonly takeBack: () => void;
}

/**
 * Loads and unloads models by how many replicas their versions want: none, or as many as before. A version that was never
 * unloaded here, and wants none, is loaded only where it is the newest.
 */
export class ModelLoading {
  readonly #owner: ReplicaSetter;
  readonly #clock: Clock;
  readonly #isReady: (key: ModelKey) => boolean;
  readonly #failure: (key: ModelKey) => string | undefined;
  /** Replicas that versions wanted before they were unloaded. */
  readonly #before = new Map<ModelKey, number>();
  #waiting: Waiting[] = [];

  /** `failure`: why a version's replicas die again and again; undefined where they do not. */
  constructor({ owner, clock, isReady, failure }: { owner: ReplicaSetter; clock: Clock; isReady: (key: ModelKey) => boolean; failure: (key: ModelKey) => string | undefined }) {
    this.#owner = owner;
    this.#clock = clock;
    this.#isReady = isReady;
    this.#failure = failure;
  }

  /** Replicas came or went. */
  replicasChanged(): void {
    for (const waiting of this.#waiting) {
      const outcome = this.#outcome(waiting.keys);
      if (outcome !== undefined) this.#finish(waiting, outcome.failure);
    }
  }

  async load(model: string, who: string): Promise<Failure | undefined> {
    const versions = this.#versions(model);
    const [newest] = versions;
    if (newest === undefined) return this.#unknown(model);
    const wanted: ModelKey[] = [];
    for (const { version, replicas } of versions) {
      const key = modelKey(model, version);
      const again = replicas > 0 ? replicas : this.#before.get(key) ?? (version === newest.version ? 1 : 0);
      if (again === 0) continue;
      wanted.push(key);
      const failure = replicas > 0 ? undefined : await this.#set(model, version, { replicas: again, by: { who, what: `load ${key}` } });
      if (failure !== undefined) return failure;
      this.#before.delete(key);
    }
    return this.#ready(wanted);
  }

  async unload(model: string, who: string): Promise<Failure | undefined> {
    const versions = this.#versions(model);
    if (versions.length === 0) return this.#unknown(model);
    for (const { version, replicas } of versions) {
      if (replicas === 0) continue;
      const key = modelKey(model, version);
      const failure = await this.#set(model, version, { replicas: 0, by: { who, what: `unload ${key}` } });
      if (failure !== undefined) return failure;
      this.#before.set(key, replicas);
    }
    return undefined;
  }

  /** Newest first. */
  #versions(model: string): { readonly version: number; readonly replicas: number }[] {
    return Object.values(this.#owner.current.models).filter(({ name }) => name === model).toSorted((a, b) => b.version - a.version);
  }

  /** Clients find apps among the models, and may think that they can be loaded as well. */
  #unknown(model: string): Failure {
    const app = this.#owner.current.apps[model];
    return { code: 'unknown_model', message: app === undefined ? 'no version of it is known' : `it is an app, which runs nothing of its own: its arms are ${app.arms.join(', ')}` };
  }

  async #set(model: string, version: number, { replicas, by }: { replicas: number; by: Deed }): Promise<Failure | undefined> {
    const result = await this.#owner.setReplicas(model, version, replicas, { by });
    return result.ok ? undefined : { code: result.error.code, message: result.error.message };
  }

  #ready(keys: readonly ModelKey[]): Promise<Failure | undefined> {
    const outcome = this.#outcome(keys);
    if (outcome !== undefined) return Promise.resolve(outcome.failure);
    return new Promise((resolve) => {
      const late = (): Failure => ({ code: 'no_replica', message: `no replica of ${keys.filter((key) => !this.#isReady(key)).join(', ')} became ready in ${LOAD_MICROS / 1_000_000} seconds` });
      const waiting: Waiting = { keys, done: resolve, takeBack: this.#clock.wakeAt(this.#clock.now() + LOAD_MICROS, () => this.#finish(waiting, late())) };
      this.#waiting.push(waiting);
    });
  }

  /** What a load of these comes to; undefined where it is still to be waited for. */
  #outcome(keys: readonly ModelKey[]): { readonly failure: Failure | undefined } | undefined {
    for (const key of keys) {
      const why = this.#failure(key);
      if (why !== undefined) return { failure: { code: 'no_replica', message: `the replicas of ${key} die again and again, and are tried again from time to time: ${why}` } };
    }
    return keys.every((key) => this.#isReady(key)) ? { failure: undefined } : undefined;
  }

  #finish(waiting: Waiting, failure: Failure | undefined): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    waiting.takeBack();
    waiting.done(failure);
  }
}
