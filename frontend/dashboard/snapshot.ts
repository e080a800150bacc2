/**
 * What the broker tells a dashboard: plain JSON, made by frontend/metrics and frontend/http/dashboard, read by the page.
 * Times are milliseconds, rates are per second over the last ten seconds; null where nothing was measured.
 */

/** The first event of a stream, `state`: everything. */
export interface Snapshot {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly broker: BrokerFigures;
  readonly apps: readonly AppFigures[];
  readonly models: readonly ModelFigures[];
  readonly troubles: readonly Trouble[];
}

/** Every further event, `tick`: apps, models and troubles that are not said stand as they did. */
export interface Tick extends Omit<Snapshot, 'troubles'> {
  /** All of them, where there is a new one. */
  readonly troubles?: readonly Trouble[];
  /** Names of apps and keys of models that are gone. */
  readonly gone: { readonly apps: readonly string[]; readonly models: readonly string[] };
}

export interface BrokerFigures {
  readonly version: string;
  readonly startedAt: number;
  /** Of one core; 1 is all of it. */
  readonly cpu: number;
  /** How much of the time the event loop had something to do; near 1 everything waits. */
  readonly loopBusy: number;
  /** Of all cores' time, what the hypervisor gave to others while somebody here wanted it; over ten seconds. */
  readonly stolen: number;
  /** What the machine's clock has gained on the broker's since that began, in milliseconds: it was set, or the machine slept. */
  readonly clockMovedMs: number;
  readonly memoryBytes: number;
  readonly openQueries: number;
  readonly openFeedback: number;
}

export interface Rate {
  /** `default` or `error` for what an app answered; nothing for rows that a queue let go. */
  readonly source?: string;
  /** A code of the error table, or `late` for a model's answer past the deadline. */
  readonly reason: string;
  readonly perSecond: number;
}

/** What was answered over a longer time. */
export interface Attainment {
  readonly answers: number;
  /** A model's answers before the deadline. */
  readonly good: number;
}

export interface AppFigures {
  readonly name: string;
  readonly sloMs: number;
  readonly policy: string;
  readonly arms: readonly string[];
  /** The operator's hands on its selection: pin, frozen … */
  readonly steered: readonly string[];
  readonly answersPerSecond: number;
  readonly goodPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly misses: readonly Rate[];
  readonly chosen: readonly { readonly arm: string; readonly perSecond: number }[];
  readonly fiveMinutes: Attainment;
  readonly hour: Attainment;
}

export interface ModelFigures {
  /** `digits-mlp@3` */
  readonly key: string;
  readonly model: string;
  readonly version: number;
  readonly labels: readonly string[];
  readonly sloMs: number;
  readonly desired: number;
  /** state → replicas in it; those with none are left out. */
  readonly replicas: Readonly<Record<string, number>>;
  /** Why replicas are not ready, in the words of the supervisor. */
  readonly trouble?: string;
  /** Why nothing of it is started yet: other versions load, it does not fit, or the version before it has not ended. */
  readonly waiting?: { readonly why: 'turn' | 'no_memory' | 'room'; readonly text?: string };
  readonly queueRows: number;
  readonly rowsPerSecond: number;
  readonly batchesPerSecond: number;
  readonly plannedRows: number;
  readonly serviceP50Ms: number | null;
  readonly serviceP99Ms: number | null;
  readonly waitP99Ms: number | null;
  readonly shed: readonly Rate[];
  readonly deaths: number;
}

/** Something that the broker warned of, or failed at; equal ones in a row are one. */
export interface Trouble {
  readonly at: number;
  readonly level: 'warning' | 'error';
  /** Whom it is of: `digits-mlp@3`, an app, or nothing. */
  readonly subject: string;
  readonly text: string;
  readonly times: number;
}

/** The history of one subject; each column has one number a step, null where nothing is known. */
export interface History {
  readonly stepMs: number;
  /** When the first step began, in epoch milliseconds. */
  readonly fromMs: number;
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Why a model version's batches have the size that they have. */
export interface BatchPicture {
  readonly controller: string;
  readonly sloMs: number;
  readonly maxBatch: number;
  readonly plannedRows: number;
  /** Most rows that may be sent now: what was seen, and a step beyond. */
  readonly reachRows: number;
  /** The learned law, at some sizes. */
  readonly law: readonly { readonly rows: number; readonly meanMs: number; readonly tailMs: number }[];
  /** The last batches, oldest first: rows, milliseconds from sending to the end. */
  readonly batches: readonly (readonly [rows: number, ms: number])[];
}
