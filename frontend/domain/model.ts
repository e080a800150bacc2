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

/** What `modelKey` made the key of; names hold no `@`. */
export function keyParts(key: ModelKey): { readonly model: string; readonly version: number } {
  const at = key.indexOf('@');
  return { model: key.slice(0, at), version: Number(key.slice(at + 1)) };
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
  | { readonly kind: 'builtin'; readonly name: 'onnx' | 'synthetic' | 'typescript' }
  /** Our Python kit in an interpreter (a name, or a path from `cwd`) that has numpy and msgpack. */
  | { readonly kind: 'python'; readonly interpreter: string; readonly cwd: string }
  /** A SavedModel in Node's binding, or where that cannot serve it in Python: in `interpreter`, as above, where it is said. */
  | { readonly kind: 'tensorflow'; readonly interpreter?: string; readonly cwd: string }
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

export const DEFAULT_START_TIMEOUT_MS = 120_000;

/** What one replica may take of the machine. */
export interface LimitsSpec {
  /** Resident memory of its processes. */
  readonly memoryMb?: number;
  /** Processors; 0.5 is half of one. */
  readonly cpuShare?: number;
  /** Threads of its numeric libraries. */
  readonly threads?: number;
  /** As in nice(1): the greater, the less it is favoured. */
  readonly nice?: number;
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
  /** `sloMs` was said, and is the objective of queries that name the model itself too. */
  readonly statesSlo?: true;
  /** Only where the broker starts the container. */
  readonly limits?: LimitsSpec;
  /** How long a replica may take from its start to its hello; absent: `DEFAULT_START_TIMEOUT_MS`. */
  readonly startTimeoutMs?: number;
  readonly profile?: { readonly accuracy?: number; readonly costPerHour?: number; readonly memoryMb?: number };
  /** Absent: `DEFAULT_WARM_UP`. */
  readonly warmUp?: WarmUpSpec;
}

/** Which of the versions of a model run: its newest, all, or some. A version that a label or an arm names runs in any case. */
export type VersionPolicy = 'all' | { readonly latest: number } | { readonly specific: readonly number[] };

/** What goes first when a model changes its versions: never without an answer, or never more memory than one version takes. */
export const TRANSITIONS = ['availability', 'resource'] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** How the versions of a model come, go and share traffic. */
export interface ModelRules {
  /** Absent: all. */
  readonly versions?: VersionPolicy;
  /** Absent: availability. */
  readonly transition?: Transition;
  /** label → its weight among queries for the model that name no version. Absent: `@stable`, else the newest ready one. */
  readonly split?: Readonly<Record<string, number>>;
}

/** A folder that versions are found in. */
export interface SourceSpec {
  /** Absolute. */
  readonly folder: string;
  readonly pollMs: number;
}

export const MOST_FORMER_TARGETS = 8;

/** What is asked of a new replica before it gets its first query. */
export interface WarmUpSpec {
  /** Recorded requests, absolute path; absent: none. */
  readonly requests?: string;
  /** Batch sizes that are asked with made-up rows; absent: `batching.allowedBatchSizes`. */
  readonly sizes?: readonly number[];
  /** How often each size, and the file, is gone through. */
  readonly repeat: number;
  readonly timeoutMs: number;
}

export const DEFAULT_WARM_UP: WarmUpSpec = Object.freeze({ repeat: 2, timeoutMs: 60_000 });

/** Which queries of an app are recorded. */
export interface RecordingSpec {
  /** Of all queries, in (0, 1]. */
  readonly fraction: number;
  /** Of the recording on disk: the older half goes when it is full. */
  readonly maxBytes: number;
  /** Inputs and keys of the context that are left out. */
  readonly redact: readonly string[];
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

/** Who may ask an app. Of a token only its digest is kept, here and on the disk. */
export interface AccessSpec {
  /** `sha256`: 64 hexadecimal digits, lower case. Several, so that one can take another's place while both are good. */
  readonly tokens: readonly { readonly name: string; readonly sha256: string }[];
  /** Of queries and pieces of feedback, for each token; absent: no bound. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

/** One prediction endpoint as somebody wants it. */
export interface AppSpec {
  readonly name: string;
  /** `model`, `model@3`, `model@stable` or `app:name`. */
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
  /** Which key of the context tells users or segments apart: of each value is learned by itself. */
  readonly contextKey?: string;
  /** Absent: everybody may ask. */
  readonly access?: AccessSpec;
  /** Absent in records of before there was feedback: `DEFAULT_FEEDBACK`, `DEFAULT_JOURNAL`. */
  readonly feedback?: FeedbackSpec;
  readonly journal?: JournalSpec;
  /** Absent: nothing is recorded. */
  readonly recording?: RecordingSpec;
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

/** Models, labels, apps, rules of models and sources that somebody wants, without a history. */
export type WantedState = Pick<DesiredState, 'models' | 'labels' | 'apps' | 'rules' | 'sources'>;

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
  /** model → how its versions come, go and share traffic. Absent, as a whole or for a model: every version runs. */
  readonly rules?: Readonly<Record<string, ModelRules>>;
  /** Only the file names sources. */
  readonly sources?: readonly SourceSpec[];
  /** `model@label` → where it pointed before, the latest first; at most `MOST_FORMER_TARGETS`. What a rollback goes back to. */
  readonly former?: Readonly<Record<string, readonly number[]>>;
  readonly fromFile: HeldNames;
  /** folder of a source → the names that it held when it last spoke. */
  readonly fromSources?: Readonly<Record<string, Pick<HeldNames, 'models' | 'rules'>>>;
}

/** Names that one speaker holds: what it drops goes. */
export interface HeldNames {
  readonly models: readonly ModelKey[];
  /** `model@label`. */
  readonly labels: readonly string[];
  readonly apps: readonly string[];
  /** Models whose rules it says. */
  readonly rules?: readonly string[];
}

export const EMPTY_DESIRED_STATE: DesiredState = Object.freeze({
  revision: 0,
  models: nameRecord<ModelKey, ModelSpec>([]),
  labels: nameRecord<string, Readonly<Record<string, number>>>([]),
  apps: nameRecord<string, AppSpec>([]),
  fromFile: Object.freeze({ models: Object.freeze([]), labels: Object.freeze([]), apps: Object.freeze([]) }),
});
