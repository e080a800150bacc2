/**
 * The one table of metrics. README's metric table is held equal to it by test/tidy.
 *
 * Prometheus wants base units and the code counts microseconds: a metric whose name says `_seconds` is fed in
 * microseconds, its bounds here are microseconds, and the scrape divides (`unitsPerBase`).
 */
export interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, rising, in the unit that the cells are fed; +Inf is understood. */
  readonly bounds?: readonly number[];
  /** Of one without labels: there is no series before it is set, since a 0 would be a claim. All others are there from the start. */
  readonly onceSet?: true;
}

/** From 50 µs to 10 s, densest about 1 ms: what a small model and the road to it take. */
const LATENCY_MICROS = Object.freeze([
  50, 100, 150, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_250, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000,
  20_000, 30_000, 50_000, 75_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
]);
const ROWS = Object.freeze([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096]);

const APP = ['app'] as const;
const MODEL = ['model', 'version'] as const;

function counter(help: string, labels: readonly string[] = []): MetricRow {
  return { kind: 'counter', help, labels };
}
function gauge(help: string, labels: readonly string[] = []): MetricRow {
  return { kind: 'gauge', help, labels };
}
function histogram(help: string, labels: readonly string[], bounds: readonly number[]): MetricRow {
  return { kind: 'histogram', help, labels, bounds };
}

const TABLE = {
  // What callers of an app get.
  tradewind_requests_total: counter('Answers, by source (model, ensemble, default, error) and reason (a code of the error table, or empty).', [...APP, 'source', 'reason']),
  tradewind_request_seconds: histogram('From the parsed request head to the answer.', APP, LATENCY_MICROS),
  tradewind_access_total: counter('Queries and pieces of feedback for apps with tokens, by the token\'s name (empty where none is the app\'s) and outcome: allowed, or a code of the error table.', [...APP, 'token', 'outcome']),
  tradewind_slo_total: counter('Answers by outcome: on_time is a model\'s answer before the deadline, late is every other.', [...APP, 'outcome']),
  // Whom an app asks.
  tradewind_decisions_total: counter('Queries by the arm that was chosen for them (of an ensemble, its first), and by whom: policy, or pinned by the caller.', [...APP, 'arm', 'mode']),
  tradewind_shadow_total: counter('Answers of arms that are asked beside the answer: agreed with it, differed, missed.', [...APP, 'arm', 'outcome']),
  tradewind_shadow_seconds: histogram('From the parsed request head to the answer of a shadow arm.', [...APP, 'arm'], LATENCY_MICROS),
  tradewind_steered: gauge('1 where the operator\'s hand is on the selection of the app: pin, frozen, exploit, floors, caps, shadow, parents.', [...APP, 'hand']),
  // What an app learns from.
  tradewind_feedback_total: counter('Pieces of feedback by verdict: accepted, repeated, not_teachable, or a code of the error table; app is empty where the decision id does not say.', [...APP, 'verdict']),
  tradewind_feedback_seconds: histogram('From taking a piece of feedback to its being durable.', APP, LATENCY_MICROS),
  tradewind_feedback_own_total: counter('Rewards that the broker gives itself, by cause: miss of the arm that was asked, silence until the window was over; and those it could not store, dropped.', [...APP, 'cause']),
  tradewind_journal_total: counter('Decisions by what became of their record: kept, dropped (no room), lost (the store failed).', [...APP, 'outcome']),
  tradewind_policy_faults_total: counter('Times that the policy of the app failed: it threw, gave no probabilities, or asked for what no cell can hold.', APP),
  // What a model version does.
  tradewind_queue_rows: gauge('Rows that wait for a replica.', MODEL),
  tradewind_queue_wait_seconds: histogram('How long rows waited before they left for a replica.', MODEL, LATENCY_MICROS),
  tradewind_batch_rows: histogram('Rows of a batch.', MODEL, ROWS),
  tradewind_batch_service_seconds: histogram('From sending a batch to its end, as the broker sees it.', MODEL, LATENCY_MICROS),
  tradewind_batch_compute_seconds: histogram('The model\'s own time for a batch, as the container says it.', MODEL, LATENCY_MICROS),
  tradewind_batches_total: counter('Batches by outcome: done, error (refused whole), lost (the replica died), hung (it was cut off).', [...MODEL, 'outcome']),
  tradewind_batch_repeats_total: counter('Batches that were sent again in parts, by cause: bisect after an error, retry after a lost replica.', [...MODEL, 'cause']),
  tradewind_shed_rows_total: counter('Rows that were let go, by reason (a code of the error table) and priority of their app.', [...MODEL, 'reason', 'priority']),
  tradewind_exploring_late_rows_total: counter('Rows that came late in a batch that was sent to learn from: larger than any before it, or hopeless by the estimate.', MODEL),
  tradewind_planned_batch_rows: gauge('Rows of the batch that the controller would send from a queue without end, at the SLO of the model.', MODEL),
  tradewind_law_row_seconds: gauge('What a further row adds to a batch, by the learned law: the slope of its line up to the planned size.', MODEL),
  tradewind_law_batch_seconds: gauge('What a batch takes whatever its rows, by the learned law: where that line begins.', MODEL),
  tradewind_cancelled_rows_total: counter('Rows whose caller went away before they were answered.', MODEL),
  tradewind_cache_rows_total: counter('Rows of models with a cache, by outcome: hit (answered from it), join (an equal row was on its way), miss (the model was asked).', [...MODEL, 'outcome']),
  tradewind_replicas: gauge('Replicas by state.', [...MODEL, 'state']),
  tradewind_replica_programs: gauge('Ready replicas by what serves them, as they say it: framework, and runtime where there is a choice (tfjs-node-gpu, tfjs-node, python).', [...MODEL, 'framework', 'runtime']),
  tradewind_replica_memory_bytes: gauge('Resident memory of the processes of all replicas that the broker started.', MODEL),
  tradewind_replica_deaths_total: counter('Replicas that ended, or were ended, without being asked to, by cause: exited, killed, memory (over its limit), hung, silent, refused, lost, no_hello, not_started. They are started again.', [...MODEL, 'cause']),
  tradewind_log_drops_total: counter('Lines of container output that were not logged because there were too many.', MODEL),
  // The process.
  tradewind_loop_busy_seconds_total: counter('How long the broker\'s thread had something to do; where that is nearly all of the time, queries wait for it.'),
  tradewind_stolen_seconds_total: counter('How long the hypervisor gave the cores of this machine to others while somebody here wanted them, the mean of all cores; Linux only.'),
  tradewind_missing_versions: gauge('Model versions that are to run and have no ready replica, those included of which nothing is started yet.'),
  tradewind_open_queries: gauge('Queries that are accepted and not yet answered.'),
  tradewind_refused_total: counter('Requests that were refused before they were a query, by code of the error table.', ['code']),
  tradewind_http_unread_total: counter('HTTP connections that were ended because all together left more answers unread than limits.open_body_bytes, and they most.'),
  tradewind_grpc_unread_total: counter('Answers over gRPC that were dropped because callers do not read, by why: connection_full (refused), stalled (the stream was reset), door_full (the connection that left most unread was ended).', ['why']),
  tradewind_certificate_end_seconds: { ...gauge('When the certificate of the doors ends, in seconds of the epoch; there is no series where they speak no TLS.'), onceSet: true },
  tradewind_open_feedback: gauge('Pieces of feedback that wait to be durable.'),
  tradewind_held_keys_bytes: gauge('Memory for what was learned of the context keys that were used last.'),
  tradewind_store_faults_total: counter('Calls that the store of feedback failed, by trouble: full, locked, corrupt, gone, unreachable, slow, failed.', ['trouble']),
  tradewind_cache_bytes: gauge('Memory of the prediction cache, keys and bookkeeping included.'),
  tradewind_cache_entries: gauge('Answers that the prediction cache holds.'),
  tradewind_cache_evictions_total: counter('Answers that left the prediction cache to make room.'),
  tradewind_slab_bytes: gauge('Pooled memory that tensors under way hold.'),
  tradewind_recorded_total: counter('Queries that were picked for the recording of their app, by outcome: recorded, dropped (no room), unfit (redacted whole, or not finite).', ['app', 'outcome']),
  tradewind_metric_drops_total: counter('Updates that found no room among the bounded cells of the metrics.'),
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof TABLE;
export const METRICS: Readonly<Record<MetricName, MetricRow>> = Object.freeze(TABLE);

export function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** How many of a cell's units make one of those that the metric's name says: 1,000,000 µs a second. */
export function unitsPerBase(name: MetricName): number {
  return name.includes('_seconds') ? 1_000_000 : 1;
}
