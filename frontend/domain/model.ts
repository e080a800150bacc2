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
  /** Our Python kit in an interpreter (a name, or a path from `cwd`) that has numpy and msgpack. */
  | { readonly kind: 'python'; readonly interpreter: string; readonly cwd: string }
  /** Any program that speaks the wire; started in `cwd` (the configuration file's folder). */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly cwd: string }
  /** Listening containers that somebody else runs: each address is one replica. */
  | { readonly kind: 'dial'; readonly addresses: readonly string[] }
  | OipContainer;

/** A server of somebody else that speaks the Open Inference Protocol v2: each address is one replica. */
export interface OipContainer {
  readonly kind: 'oip';
  /** `grpc://host:port`, `grpcs://…`, `http://…` or `https://…`. */
  readonly addresses: readonly string[];
  /** The model's name and version there; without a version the server chooses. */
  readonly model: string;
  readonly version?: string;
  /** Batches that one address has at a time. */
  readonly maxInFlight: number;
  /** The model has no batch dimension: each call carries one row. */
  readonly unbatched: boolean;
  /** Certificates of the authorities that are trusted instead of the system's, as a PEM file. */
  readonly caFile?: string;
}

/** Where the replicas of a container listen that somebody else runs; undefined for one that the broker starts. */
export function dialledAddresses(container: ContainerSpec): readonly string[] | undefined {
  return container.kind === 'dial' || container.kind === 'oip' ? container.addresses : undefined;
}

export interface BatchingSpec {
  readonly controller: 'planner' | 'fixed' | 'aimd' | 'quantile';
  readonly maxBatch: number;
  readonly maxQueueRows: number;
  /** How long a batch that has room may be held back; absent: not at all. */
  readonly maxDelayMs?: number;
  /** Rising; absent: any size. */
  readonly allowedBatchSizes?: readonly number[];
  /** Which quantile of a batch's latency counts as its tail; absent: 0.99. */
  readonly quantile?: number;
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
  /** Its answers are kept and given again for equal inputs; absent: they are not. */
  readonly cache?: {
    /** How long an answer is kept; absent: until there is no room for it. */
    readonly ttlMs?: number;
  };
  /** The latency that batches are sized for where the queries in them do not ask for less. */
  readonly sloMs: number;
  readonly profile?: { readonly accuracy?: number; readonly costPerHour?: number; readonly memoryMb?: number };
}

export type OnMiss = 'default' | 'error' | 'wait';
/** Who is let go last, …, first; by its place here a priority has its number. */
export const PRIORITIES = ['critical', 'normal', 'sheddable'] as const;
export type Priority = (typeof PRIORITIES)[number];
/** The number of the priority that whoever names none has. */
export const NORMAL_PRIORITY = 1;

/** What the rewards of one decision come to, when there are several. */
export const AGGREGATIONS = ['first', 'last', 'sum', 'mean', 'max', 'min'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** What an app's feedback means. */
export interface FeedbackSpec {
  readonly aggregation: Aggregation;
  /** How long after a decision its reward may come. */
  readonly windowMs: number;
  /** What `value` may be, and which end of it is good. */
  readonly value?: { readonly min: number; readonly max: number; readonly direction: 'higher' | 'lower' };
  /** In [0, 1]; what silence is worth once the window is over. Absent: nothing is made of silence. */
  readonly defaultReward?: number;
  /** What a miss of the arm that was asked is: a reward of 0, nothing, or a reason not to ask it for a while. */
  readonly missReward: 'zero' | 'ignore' | 'mask';
  /** With `output: value`, the error of an output against its label that is worth a reward of 0. */
  readonly labelScale: number;
}

/** What is kept of an app's decisions. */
export interface JournalSpec {
  readonly keep: boolean;
  /** A query is refused rather than answered without a record: for labels, and where silence counts. */
  readonly required: boolean;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

export const DEFAULT_FEEDBACK: FeedbackSpec = Object.freeze({ aggregation: 'first', windowMs: 86_400_000, missReward: 'zero', labelScale: 1 });
export const DEFAULT_JOURNAL: JournalSpec = Object.freeze({ keep: false, required: false, maxAgeMs: 604_800_000, maxBytes: 1_073_741_824 });

/** How the answers of several arms become one. */
export const COMBINATIONS = ['vote', 'majority', 'mean', 'median'] as const;
export type Combination = (typeof COMBINATIONS)[number];

/** All arms are asked, and what has come by the deadline is combined. */
export interface EnsembleSpec {
  readonly combine: Combination;
  /** Those of the app's arms that are asked; absent: all. */
  readonly arms?: readonly string[];
  /** Calibrated confidence below which an answer is none. In [0, 1]. */
  readonly minConfidence?: number;
}

/** The cheap arm first; the better one too where the first is unsure and there is time. */
export interface CascadeSpec {
  readonly first: string;
  readonly second: string;
  /** Confidence of the first arm's answer below which the second one is asked. In [0, 1]. */
  readonly below: number;
}

/** One prediction endpoint as somebody wants it. */
export interface AppSpec {
  readonly name: string;
  /** `model`, `model@3` or `model@stable`. */
  readonly arms: readonly string[];
  readonly policy: string;
  /** What the policy is told, in its own words; absent: its defaults. */
  readonly policyOptions?: Readonly<Record<string, unknown>>;
  readonly ensemble?: EnsembleSpec;
  readonly cascade?: CascadeSpec;
  /** Arms that are asked beside the answer, and not waited for. */
  readonly shadow?: readonly string[];
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
  /** Absent in records of before there was feedback: `DEFAULT_FEEDBACK`, `DEFAULT_JOURNAL`. */
  readonly feedback?: FeedbackSpec;
  readonly journal?: JournalSpec;
}

/**
 * The operator's hands on the selection of one app: said through admin, durable, and over what the file says. Arms that the
 * app does not have (any more) are passed over.
 */
export interface Steering {
  /** Only this arm is asked. */
  readonly pin?: string;
  /** Rewards are kept, and teach nothing. */
  readonly frozen?: boolean;
  /** All traffic to what the policy holds to be the best. */
  readonly exploit?: boolean;
  /** Least and greatest probability of arms, in [0, 1]. */
  readonly floors?: Readonly<Record<string, number>>;
  readonly caps?: Readonly<Record<string, number>>;
  /** Arms that are asked beside the answer, and not waited for. */
  readonly shadow?: readonly string[];
  /** arm → the arm whose rewards it begins with; an unsaid one begins with those of its model's version before. */
  readonly parents?: Readonly<Record<string, string>>;
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
  /** app → how it is steered; never without the app. Absent: nobody steers. */
  readonly steering?: Readonly<Record<string, Steering>>;
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
