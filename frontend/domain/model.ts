import type { TensorSpec } from '../../protos/wire.ts';

export const NAME_PATTERN = '^[a-z0-9][a-z0-9._-]{0,63}$';
export const NAME_REGEXP = new RegExp(NAME_PATTERN);

/** What a model's output means. */
export type OutputKind = 'label' | 'probabilities' | 'logits' | 'value' | 'raw';

/** `digits-mlp@3`: the key of a model version everywhere. */
export type ModelKey = `${string}@${number}`;

export function modelKey(model: string, version: number): ModelKey {
  return `${model}@${version}`;
}

/**
 * A record over names that came from outside. It has no prototype, so that a name such as `constructor` finds only what
 * was put under it.
 */
export function nameRecord<K extends string, V>(entries: Iterable<readonly [K, V]>): Readonly<Record<K, V>> {
  const record = Object.create(null) as Record<K, V>;
  for (const [name, value] of entries) record[name] = value;
  return Object.freeze(record);
}

export interface Signature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** The program behind a model version. */
export type ContainerSpec =
  /** One of ours, by name. */
  | { readonly kind: 'builtin'; readonly name: 'onnx' | 'synthetic' }
  /** Any program that speaks the wire; started in `cwd` (the configuration file's folder). */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly cwd: string }
  /** Listening containers that somebody else runs: each address is one replica. */
  | { readonly kind: 'dial'; readonly addresses: readonly string[] };

export interface BatchingSpec {
  readonly controller: 'fixed' | 'aimd';
  readonly maxBatch: number;
  readonly maxQueueRows: number;
}

/** One model version as somebody wants it. All paths are absolute by now. */
export interface ModelSpec {
  readonly name: string;
  readonly version: number;
  readonly container: ContainerSpec;
  readonly path?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly replicas: number;
  readonly input?: readonly TensorSpec[];
  readonly output: {
    /** Which of the model's outputs; absent: its only one (`raw`: all). */
    readonly name?: string;
    readonly kind: OutputKind;
    /** One word a class, in index order. */
    readonly classNames?: readonly string[];
  };
  readonly batching: BatchingSpec;
  /** The latency that batches are sized for where the queries in them do not ask for less. */
  readonly sloMs: number;
  readonly profile?: { readonly accuracy?: number; readonly costPerHour?: number; readonly memoryMb?: number };
}

export type OnMiss = 'default' | 'error' | 'wait';
export type Priority = 'critical' | 'normal' | 'sheddable';

/** One prediction endpoint as somebody wants it. */
export interface AppSpec {
  readonly name: string;
  /** `model`, `model@3` or `model@stable`. */
  readonly arms: readonly string[];
  readonly policy: string;
  readonly output: OutputKind;
  readonly sloMs: number;
  readonly sloMinMs: number;
  readonly sloMaxMs: number;
  /** Given when no model could answer in time; any JSON that fits `output`. */
  readonly default?: unknown;
  readonly onMiss: OnMiss;
  readonly priority: Priority;
  readonly weight: number;
  /** Which key of the context tells users or segments apart. */
  readonly contextKey?: string;
}

/** Models, labels and apps that somebody wants, without a history. */
export type WantedState = Pick<DesiredState, 'models' | 'labels' | 'apps'>;

/**
 * Everything the operator wants, as one durable record. `revision` rises by one with every change and is the etag.
 * `fromFile` holds the names that the configuration file held when it was last loaded: what the file drops goes,
 * what admin added under other names stays.
 */
export interface DesiredState {
  readonly revision: number;
  readonly models: Readonly<Record<ModelKey, ModelSpec>>;
  /** model → label → version. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly apps: Readonly<Record<string, AppSpec>>;
  readonly fromFile: {
    readonly models: readonly ModelKey[];
    /** `model@label`. */
    readonly labels: readonly string[];
    readonly apps: readonly string[];
  };
}

export const EMPTY_DESIRED_STATE: DesiredState = Object.freeze({
  revision: 0,
  models: nameRecord<ModelKey, ModelSpec>([]),
  labels: nameRecord<string, Readonly<Record<string, number>>>([]),
  apps: nameRecord<string, AppSpec>([]),
  fromFile: Object.freeze({ models: Object.freeze([]), labels: Object.freeze([]), apps: Object.freeze([]) }),
});
