import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { DTYPES } from '../../protos/dtype.ts';
import { AGGREGATIONS, COMBINATIONS, DEFAULT_FEEDBACK, DEFAULT_JOURNAL, DEFAULT_START_TIMEOUT_MS, DEFAULT_WARM_UP, NAME_PATTERN, TRANSITIONS } from '../domain/model.ts';

/**
 * The one table of options: what each is, its type, default and bounds. From it come the checks, the typed result, the
 * names in the environment (`environment.ts`), `--help`, the table in the README (`option-table.ts`) and the body schemas
 * of the admin routes. Defaults of options that depend on others are filled in by `read-model.ts` and `read-app.ts`.
 */

const NAME = { pattern: NAME_PATTERN, expected: 'a name: lower-case letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit' };

function words<const W extends readonly string[]>(list: W, more: object): Type.TUnsafe<W[number]> {
  return Type.Unsafe<W[number]>({ ...Type.Union(list.map((word) => Type.Literal(word))), ...more });
}
function closed<P extends Record<string, TSchema>>(properties: P, description?: string): Type.TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });
}

const MIB = 1024 * 1024;
const LARGEST_VERSION = 2 ** 31 - 1;
const ms = (description: string, fallback: number, [minimum, maximum]: readonly [number, number]) =>
  Type.Integer({ description, default: fallback, minimum, maximum });

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Options of the process: read at start, from the file and the environment. */
export const SETTINGS = closed({
  listen: closed({
    http: Type.String({ description: 'Address of the HTTP door: `host:port`, `[::1]:port`, or `unix:/path` for a Unix socket; port 0 takes a free one.', default: '127.0.0.1:8000', pattern: '^(unix:.+|(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5})$', maxLength: 300, expected: 'host:port, or unix:/path' }),
    grpc: Type.Optional(Type.String({ description: 'Address of the gRPC door, `unix:/path`, or `none`; where left out, 127.0.0.1:8001, any free port where `listen.http` takes one, and `none` where `listen.http` is a Unix socket.', pattern: '^(none|unix:.+|(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5})$', maxLength: 300, expected: 'host:port, unix:/path, or none' })),
    socket_access: words(['owner', 'group', 'all'], { description: 'Who on this machine may open a door that is a Unix socket: mode 0600, 0660 or 0666.', default: 'owner' }),
    tls: closed({
      cert: Type.Optional(Type.String({ description: 'File with the certificate (PEM) that doors on a port show, and behind it those that lead to its authority. With it they speak TLS 1.2 and 1.3 only; read again on SIGHUP and `apply`. Doors on a Unix socket speak none.', minLength: 1, maxLength: 4096 })),
      key: Type.Optional(Type.String({ description: 'File with its private key (PEM).', minLength: 1, maxLength: 4096 })),
      ca: Type.Optional(Type.String({ description: 'File with the certificates (PEM) of the authorities that vouch for clients.', minLength: 1, maxLength: 4096 })),
      client_auth: words(['none', 'request', 'require'], { description: 'Whether clients show a certificate: `none` are asked; on `request` one without is served, one with a certificate of no authority of `listen.tls.ca` is not; on `require` neither.', default: 'none' }),
    }),
    cors: closed({
      origins: Type.Array(Type.String({ maxLength: 300, pattern: '^(\\*|https?://(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?)$', expected: 'an origin such as https://app.example, or *' }), { description: 'Pages that may ask for predictions and give feedback, by their origin; `*` is every page. No page may use `/admin`, nor load and unload models.', default: [], maxItems: 256, uniqueItems: true }),
      max_age_s: Type.Integer({ description: 'How long a browser may remember that it may.', default: 600, minimum: 0, maximum: 86_400 }),
    }),
    allowed_hosts: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$', expected: 'a host name, or host:port' }), { description: 'Values of the Host header that are served, beside the address itself and, on loopback, `localhost`.', default: [], maxItems: 64, uniqueItems: true }),
  }, 'Where the broker listens.'),
  state_dir: Type.String({ description: 'Folder for durable state, sockets and working folders of replicas; made with mode 0700. One broker at a time.', default: '.tradewind', minLength: 1, maxLength: 1024 }),
  limits: closed({
    body_bytes: Type.Integer({ description: 'Longest body of a predict request.', default: 32 * MIB, minimum: 1024, maximum: 256 * MIB }),
    open_body_bytes: Type.Integer({ description: 'Bytes of the bodies of all open predict requests together; of the messages of all open gRPC calls too, whole or not, for themselves; and of the answers that are not read, over HTTP and over gRPC each for themselves: who leaves most of them is cut off.', default: 512 * MIB, minimum: 1024, maximum: 65_536 * MIB }),
    json_answer_bytes: Type.Integer({ description: 'Most bytes of tensors that an answer in JSON may hold; larger ones can be had in binary, or over gRPC. Their text is several times as long, and nothing else is served while it is written.', default: 16 * MIB, minimum: 1024, maximum: 64 * MIB }),
    other_body_bytes: Type.Integer({ description: 'Longest body of any other request.', default: MIB, minimum: 1024, maximum: 64 * MIB }),
    header_bytes: Type.Integer({ description: 'Longest request line and headers together.', default: 16_384, minimum: 1024, maximum: MIB }),
    connections: Type.Integer({ description: 'Most open connections of the HTTP door, and of the gRPC door.', default: 8192, minimum: 1, maximum: 1_000_000 }),
    open_queries: Type.Integer({ description: 'Most predict requests that are read or wait for their answer.', default: 16_384, minimum: 1, maximum: 1_048_576 }),
    open_feedback: Type.Integer({ description: 'Most pieces of feedback that wait to be durable; what `miss_reward` gives takes half of it at most.', default: 65_536, minimum: 1, maximum: 1_048_576 }),
    feedback_items: Type.Integer({ description: 'Most pieces of feedback in one request.', default: 1000, minimum: 1, maximum: 100_000 }),
    open_foreign_queries: Type.Integer({ description: 'Most queries of the other protocols (Open Inference Protocol, TensorFlow Serving) that wait for their answer.', default: 16_384, minimum: 1, maximum: 1_048_576 }),
    grpc_streams: Type.Integer({ description: 'Most calls that one gRPC connection has open.', default: 1024, minimum: 1, maximum: 65_536 }),
    open_queries_per_connection: Type.Integer({ description: 'The same on one connection.', default: 512, minimum: 1, maximum: 65_536 }),
    headers_timeout_ms: ms('How long the headers of a request may take.', 10_000, [100, 600_000]),
    request_timeout_ms: ms('How long a request may take to arrive whole.', 60_000, [100, 3_600_000]),
    keep_alive_ms: ms('How long a connection may wait for its next request.', 72_000, [100, 3_600_000]),
    stall_ms: ms('How long nothing at all may move on a connection that waits for no answer, or on a gRPC stream that does not read its own.', 120_000, [100, 3_600_000]),
  }, 'Bounds of what callers may ask.'),
  cache: closed({
    max_bytes: Type.Integer({ description: 'Memory for the answers of all models with a cache, keys and bookkeeping included.', default: 64 * MIB, minimum: 64 * 1024, maximum: 65_536 * MIB }),
  }, 'The prediction cache.'),
  log: closed({
    level: words(LOG_LEVELS, { description: 'Least level that is logged.', default: 'info' }),
  }, 'JSON lines on standard error.'),
  tracing: closed({
    enabled: Type.Boolean({ description: 'Whether queries and batches have spans, given to the OpenTelemetry provider that a module of `node --import` has registered. `traceparent` is passed on in any case.', default: false }),
  }, 'OpenTelemetry spans over the road.'),
  admin: closed({
    token_file: Type.Optional(Type.String({ description: 'File with the bearer token of `/admin`: 16 to 512 characters. Without it, admin answers on loopback only.', minLength: 1, maxLength: 1024 })),
    allow_code: Type.Boolean({ description: 'Whether `/admin` may name commands and files.', default: false }),
    deploy_root: Type.Optional(Type.String({ description: 'Folder that commands and files named through `/admin` lie in; needed for `allow_code`.', minLength: 1, maxLength: 1024 })),
    max_upload_mb: Type.Integer({ description: 'Most that one upload of files through `/admin` may hold.', default: 2048, minimum: 1, maximum: 1_048_576 }),
  }, 'The admin routes.'),
  dial: closed({
    allow: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^([A-Za-z0-9.-]+|[0-9a-fA-F:.]+)$', expected: 'a host name or address without a port' }), { description: 'Hosts at which listening containers and servers of somebody else may be dialled; off loopback only servers with TLS (`grpcs`, `https`).', default: ['127.0.0.1', '::1', 'localhost'], maxItems: 64, uniqueItems: true }),
  }, 'Containers that somebody else runs.'),
  storage: closed({
    feedback: Type.String({ description: 'Where feedback, what policies learned and decisions are kept: `sqlite` (in `state_dir`), or a Redis that several brokers share.', default: 'sqlite', pattern: '^(sqlite|rediss?://[^ ]+|unix:/[^ ]+)$', maxLength: 1024, expected: 'sqlite, redis://host:port/db, rediss://… or unix:/path' }),
    max_claims: Type.Integer({ description: 'Most decisions of an app whose reward is remembered; past it feedback is refused as `feedback_full`.', default: 20_000_000, minimum: 1, maximum: 1_000_000_000 }),
    max_cells: Type.Integer({ description: 'Most cells that the policy of an app may hold.', default: 4_000_000, minimum: 1, maximum: 100_000_000 }),
    max_keys: Type.Integer({ description: 'Context keys of an app of which is kept what was learned; past it those are forgotten whose last reward is the longest ago.', default: 2_000_000, minimum: 1, maximum: 1_000_000_000 }),
    held_keys_bytes: Type.Integer({ description: 'Memory for what was learned of the context keys that were used last; the others are read when they are asked for.', default: 64 * MIB, minimum: MIB, maximum: 65_536 * MIB }),
    min_replicas: Type.Integer({ description: 'With Redis: how many of its replicas must have feedback before it is acknowledged.', default: 0, minimum: 0, maximum: 16 }),
    replica_timeout_ms: ms('How long those replicas are waited for; then the feedback is refused as `feedback_unavailable`, and counts once when it comes again.', 500, [10, 1_500]),
    receipt_key_file: Type.Optional(Type.String({ description: 'File with the keys that decision ids are signed with, the same for all brokers that share a Redis; without it the broker makes one. A line is a number and 64 hexadecimal digits; the last line signs, all verify.', minLength: 1, maxLength: 1024 })),
  }, 'What outlives the broker beside its desired state.'),
  loading: closed({
    parallel: Type.Integer({ description: 'Versions that may load at a time; at the first start all do.', default: 2, minimum: 1, maximum: 64 }),
    nice: Type.Integer({ description: 'Niceness of replicas until they are warm, where the broker may raise them again (CAP_SYS_NICE, or a kernel that groups by session); 0 leaves them as they are.', default: 10, minimum: 0, maximum: 19 }),
    memory_reserve_mb: Type.Integer({ description: 'Memory of the machine that no load may take: one whose declared (`profile.memory_mb`) or last seen memory does not fit waits as `no_memory`.', default: 128, minimum: 0, maximum: 1_048_576 }),
  }, 'How versions are loaded while others serve.'),
  drain_ms: ms('How long a stop waits for accepted queries and for the replicas.', 10_000, [0, 600_000]),
});

const TENSOR = closed({
  name: Type.Optional(Type.String({ description: 'Name of the input; `input` where it is left out.', minLength: 1, maxLength: 256 })),
  dtype: words(DTYPES, { description: 'Element type.' }),
  shape: Type.Array(Type.Integer({ minimum: -1, maximum: LARGEST_VERSION }), { description: 'Shape of one row, without the batch axis; -1 stands for any extent.', maxItems: 8 }),
  ragged: Type.Optional(Type.Boolean({ description: 'Rows of one batch may differ in the extents that are -1.' })),
});

/** Any names to values of one kind; a `Type.Record` says that by a pattern of names, which `check` does not know. */
function mapTo<Value>(value: Type.TSchema, more: { maxProperties: number; description: string; expected: string }): Type.TUnsafe<Readonly<Record<string, Value>>> {
  return Type.Unsafe<Readonly<Record<string, Value>>>({ type: 'object', additionalProperties: value, ...more });
}

/** A model's or app's own default output, and options of a container: any JSON. */
const FREE = Type.Record(Type.String(), Type.Unknown(), { maxProperties: 64 });

const OIP_ADDRESS = Type.String({ minLength: 1, maxLength: 300, pattern: '^(grpcs?|https?)://(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$', expected: 'grpc://host:port, grpcs://…, http://… or https://…' });

/** A server of somebody else, called by the Open Inference Protocol v2. */
const OIP = closed({
  oip: Type.Union([OIP_ADDRESS, Type.Array(OIP_ADDRESS, { minItems: 1, maxItems: 256, uniqueItems: true })], { description: 'Where it listens, over gRPC or HTTP: one address, or a list whose entries are one replica each.', expected: 'grpc://host:port, grpcs://…, http://…, https://… or a list of them' }),
  model: Type.Optional(Type.String({ description: 'Name of the model there; its name here where left out.', minLength: 1, maxLength: 256 })),
  version: Type.Optional(Type.Union([Type.Integer({ minimum: 0, maximum: LARGEST_VERSION }), Type.String({ minLength: 1, maxLength: 64 })], { description: 'Version of the model there; the one that the server chooses where left out.', expected: 'a number or text' })),
  max_in_flight: Type.Integer({ description: 'Batches that one address has at a time.', default: 1, minimum: 1, maximum: 64 }),
  unbatched: Type.Boolean({ description: 'The model has no batch dimension: each call carries one row.', default: false }),
  ca_file: Type.Optional(Type.String({ description: 'Certificates (PEM) of the authorities that are trusted instead of the system\'s, for grpcs and https.', minLength: 1, maxLength: 4096 })),
});

export const MODEL = closed({
  name: Type.String({ description: 'Name of the model.', ...NAME }),
  version: Type.Integer({ description: 'Version of the model.', minimum: 1, maximum: LARGEST_VERSION }),
  container: Type.Union([
    Type.Literal('onnx'),
    Type.Literal('synthetic'),
    Type.Literal('python'),
    Type.Literal('tensorflow'),
    Type.Literal('typescript'),
    closed({ command: Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 256 }) }),
    OIP,
    closed({ dial: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^(unix:.+|(tcp://)?(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5})$', expected: 'host:port, tcp://host:port or unix:/path' }), { minItems: 1, maxItems: 256, uniqueItems: true }) }),
  ], { description: 'The program: `onnx`, `synthetic`, `python` (options `entry` or `loader`), `tensorflow`, `typescript`, `{command: [program, argument, …]}` (started in the folder of the file), `{dial: [host:port, …]}` (one replica for each address) or `{oip: grpc://host:port}` (a server of somebody else, by the Open Inference Protocol).', expected: 'onnx, synthetic, python, tensorflow, typescript, {command: [program, …]}, {dial: [host:port, …]} or {oip: grpc://host:port}' }),
  path: Type.Optional(Type.String({ description: 'The model file; needed for `onnx`. For `tensorflow` the folder of a SavedModel. For `typescript` the module that exports the function. For `python` the model, or the file or folder of its code.', minLength: 1, maxLength: 4096 })),
  options: Type.Unsafe<Readonly<Record<string, unknown>>>({ ...FREE, description: 'Options of the container.', default: {} }),
  replicas: Type.Optional(Type.Integer({ description: 'Replicas to run; with `dial` and `oip`, one for each address.', minimum: 0, maximum: 256 })),
  input: Type.Optional(Type.Union([TENSOR, Type.Array(TENSOR, { minItems: 1, maxItems: 64 })], { description: 'The inputs, where the container does not say them: one or a list.', expected: '{dtype, shape} or a list of {name, dtype, shape}' })),
  output: Type.Optional(closed({
    name: Type.Optional(Type.String({ description: 'Which output of the model; its only one where left out.', minLength: 1, maxLength: 256 })),
    kind: words(['label', 'probabilities', 'logits', 'value', 'raw'], { description: 'What the output means; all outputs as they are (`raw`) where `output` is left out.' }),
    class_names: Type.Optional(Type.Union([
      Type.String({ minLength: 1, maxLength: 4096 }),
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 100_000 }),
    ], { description: 'Names of the classes in index order: a file with one a line, or a list.', expected: 'a file with one name a line, or a list of names' })),
  }, 'What the model answers.')),
  labels: Type.Array(Type.String(NAME), { description: 'Labels that point at this version; never all digits.', default: [], maxItems: 16, uniqueItems: true }),
  batching: closed({
    controller: words(['planner', 'aimd', 'quantile', 'fixed'], { description: 'What sizes the batches: `planner` plans from the whole queue; `aimd` and `quantile` are the Clipper paper\'s; `fixed` is always `max_batch`.', default: 'planner' }),
    max_batch: Type.Integer({ description: 'Most rows of a batch.', default: 128, minimum: 1, maximum: 65_536 }),
    max_queue_rows: Type.Integer({ description: 'Most rows that wait.', default: 8192, minimum: 1, maximum: 1_048_576 }),
    max_delay_ms: Type.Number({ description: 'How long a batch that has room may be held back for more rows, where nobody comes late for it and fewer are there than were at once of late. The planner waits by itself where that helps.', default: 0, minimum: 0, maximum: 60_000 }),
    allowed_batch_sizes: Type.Array(Type.Integer({ minimum: 1, maximum: 65_536 }), { description: 'Sizes that a batch is filled up to, rising; any where left out. Fewer rows than the least are sent as they are.', default: [], maxItems: 64, uniqueItems: true }),
    quantile: Type.Number({ description: 'Which quantile of the latency of a size is taken for its tail.', default: 0.99, minimum: 0.9, maximum: 0.9999 }),
  }, 'How rows are put together.'),
  cache: closed({
    enabled: Type.Boolean({ description: 'Whether answers are kept and equal inputs asked once: for models whose answer depends on the input alone.', default: false }),
    ttl_ms: Type.Optional(Type.Integer({ description: 'How long an answer is kept; until there is no room for it where left out.', minimum: 1, maximum: 31_536_000_000 })),
  }, 'Which answers are given again.'),
  slo_ms: Type.Optional(Type.Number({ description: 'Latency that batches are sized for where the queries in them do not ask for less (20 where left out), and the objective of queries that name the model and no app (1,000 where left out).', minimum: 0.1, maximum: 600_000 })),
  limits: Type.Optional(closed({
    memory_mb: Type.Optional(Type.Number({ description: 'Resident memory; a replica over it is ended, with the cause `memory`.', minimum: 1, maximum: 1e9 })),
    cpu_share: Type.Optional(Type.Number({ description: 'Processors: 0.5 is half of one. Needs a cgroup v2 that is left to the broker; where it is not, the log and admin say so.', minimum: 0.01, maximum: 1024 })),
    threads: Type.Optional(Type.Integer({ description: 'Threads of numeric libraries (OMP_NUM_THREADS and the like), and the option `threads` of `onnx` and `tensorflow` where that is not given.', minimum: 1, maximum: 1024 })),
    nice: Type.Optional(Type.Integer({ description: 'Priority as in nice(1): the greater, the less it is favoured. Less than 0 needs the right to it.', minimum: -20, maximum: 19 })),
  }, 'What one replica may take of the machine, where the broker starts it.')),
  start_timeout_ms: Type.Integer({ description: 'How long a replica may take from its start to its hello.', default: DEFAULT_START_TIMEOUT_MS, minimum: 100, maximum: 3_600_000 }),
  profile: Type.Optional(closed({
    accuracy: Type.Optional(Type.Number({ description: 'Share of held-out inputs answered rightly.', minimum: 0, maximum: 1 })),
    cost_per_hour: Type.Optional(Type.Number({ description: 'Cost of one replica for an hour, in any currency.', minimum: 0, maximum: 1e6 })),
    memory_mb: Type.Optional(Type.Number({ description: 'Memory of one replica.', minimum: 0, maximum: 1e9 })),
  }, 'Facts about the model.')),
  warm_up: closed({
    requests: Type.Optional(Type.String({ description: 'File with recorded requests, one JSON object a line (`{"body": {"input": …}}`); `warmup.jsonl` in the folder of a version that a source holds.', minLength: 1, maxLength: 4096 })),
    sizes: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 65_536 }), { description: 'Batch sizes that are asked with rows of zeros; `batching.allowed_batch_sizes` where left out.', maxItems: 64, uniqueItems: true })),
    repeat: Type.Integer({ description: 'How often each is asked.', default: DEFAULT_WARM_UP.repeat, minimum: 1, maximum: 100 }),
    timeout_ms: Type.Integer({ description: 'How long all of it may take.', default: DEFAULT_WARM_UP.timeoutMs, minimum: 100, maximum: 3_600_000 }),
  }, 'What a new replica is asked before its first query; where it fails, the replica is none.'),
}, 'One version of a model.');

const ARM = Type.String({ pattern: '^(app:[a-z0-9][a-z0-9._-]{0,63}|[a-z0-9][a-z0-9._-]{0,63}(@[a-z0-9][a-z0-9._-]{0,63})?)$', expected: 'model, model@version, model@label or app:name' });

export const APP = closed({
  name: Type.String({ description: 'Name of the app.', ...NAME }),
  arms: Type.Array(ARM, { description: 'Candidates: `model`, `model@3`, `model@stable` or `app:name`, another app.', minItems: 1, maxItems: 64, uniqueItems: true }),
  policy: Type.Optional(Type.Union([
    Type.String({ minLength: 1, maxLength: 64 }),
    Type.Object({ name: Type.String({ minLength: 1, maxLength: 64 }) }, { maxProperties: 64 }),
  ], { description: 'How arms are chosen: a policy, or {name: policy, and its options}. Unless said `static` for one arm and a cascade, `hedge` for an ensemble, else `adaptive`.', expected: 'the name of a policy, or a map with name and its options' })),
  ensemble: Type.Optional(closed({
    combine: words(COMBINATIONS, { description: 'How the answers of the arms become one: labels by `vote` (weighed by the policy) or `majority`, values by `mean` or `median`, probabilities by `mean`. With an ensemble every arm is asked, and what has come by the deadline is combined.' }),
    arms: Type.Optional(Type.Array(ARM, { description: 'Which of the arms are asked; all unless said.', minItems: 1, maxItems: 64, uniqueItems: true })),
    min_confidence: Type.Optional(Type.Number({ description: 'Calibrated confidence below which the answer is a miss (`low_confidence`).', minimum: 0, maximum: 1 })),
  }, 'All arms are asked for one answer.')),
  cascade: Type.Optional(closed({
    first: Type.Unsafe<string>({ ...ARM, description: 'The cheap arm, which is asked first.' }),
    second: Type.Unsafe<string>({ ...ARM, description: 'The better arm, asked where the first is unsure and there is time.' }),
    when_confidence_below: Type.Number({ description: 'Confidence of the first answer below which it is unsure.', minimum: 0, maximum: 1 }),
  }, 'The cheap arm first.')),
  shadow: Type.Optional(Type.Array(ARM, { description: 'Arms that are asked beside the answer: timed and counted, never part of it, never waited for.', maxItems: 64, uniqueItems: true })),
  output: Type.Optional(words(['label', 'probabilities', 'logits', 'value', 'raw'], { description: 'What the app answers; every arm must be able to. `label` where the arms give labels, probabilities or logits; else what they give.' })),
  slo_ms: Type.Number({ description: 'The latency objective of a query that names none.', default: 20, minimum: 0.1, maximum: 600_000 }),
  slo_min_ms: Type.Number({ description: 'Least objective that a query may name.', default: 0.1, minimum: 0.1, maximum: 600_000 }),
  slo_max_ms: Type.Number({ description: 'Greatest objective that a query may name.', default: 60_000, minimum: 0.1, maximum: 600_000 }),
  default: Type.Optional(Type.Unknown({ description: 'Answered when no model could answer in time; it must fit `output`.' })),
  on_miss: Type.Optional(words(['default', 'error', 'wait'], { description: 'What a query gets that no model answered in time: the default output, an error, or the answer when it comes. `default` where a default is given, else `error`.' })),
  priority: words(['critical', 'normal', 'sheddable'], { description: 'Who is shed last and first.', default: 'normal' }),
  weight: Type.Number({ description: 'Share among apps of one priority.', default: 1, minimum: 0.001, maximum: 1000 }),
  access: Type.Optional(closed({
    tokens: Type.Array(closed({
      name: Type.String({ description: 'What metrics and logs call the token.', ...NAME }),
      file: Type.Optional(Type.String({ description: 'File that holds it.', minLength: 1, maxLength: 4096 })),
      env: Type.Optional(Type.String({ description: 'Variable of the broker\'s environment that holds it.', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$', expected: 'the name of a variable' })),
      sha256: Type.Optional(Type.String({ description: 'Its digest, where the broker is not to see it.', pattern: '^[0-9a-fA-F]{64}$', expected: '64 hexadecimal digits' })),
    }), { description: 'Bearer tokens of those who may ask the app and give it feedback: `{name, file}`, `{name, env}` or `{name, sha256}`; each of 16 to 512 visible characters, best random ones. Read when the file is, so SIGHUP and `apply` bring new ones.', minItems: 1, maxItems: 64, expected: 'a list of {name, file}, {name, env} or {name, sha256}' }),
    rate_per_s: Type.Optional(Type.Number({ description: 'Queries and pieces of feedback a second that each token may send; as many as it likes where left out.', exclusiveMinimum: 0, maximum: 1e6 })),
    burst: Type.Optional(Type.Integer({ description: 'So many at once after a rest; those of one second where left out.', minimum: 1, maximum: 1_000_000 })),
  }, 'Who may ask.')),
  context_key: Type.Optional(Type.String({ description: 'Key of the context that tells users or segments apart: what a policy learns, it learns of all and of each of its values.', minLength: 1, maxLength: 128 })),
  feedback: closed({
    aggregation: words(AGGREGATIONS, { description: 'What several rewards of one decision come to; `sum` and `mean` need an `id` with each.', default: DEFAULT_FEEDBACK.aggregation }),
    window_s: Type.Number({ description: 'How long after an answer its reward may come.', default: DEFAULT_FEEDBACK.windowMs / 1000, minimum: 1, maximum: 2_592_000 }),
    value_min: Type.Optional(Type.Number({ description: 'Least `value`; with `value_max` feedback may give a raw value in place of a reward.', minimum: -1e12, maximum: 1e12 })),
    value_max: Type.Optional(Type.Number({ description: 'Greatest `value`.', minimum: -1e12, maximum: 1e12 })),
    direction: words(['higher', 'lower'], { description: 'Which values are better.', default: 'higher' }),
    default_reward: Type.Optional(Type.Number({ description: 'What silence is worth once the window is over; nothing is made of it where this is left out.', minimum: 0, maximum: 1 })),
    miss_reward: words(['zero', 'ignore', 'mask'], { description: 'What it means for an arm that it errs or is late, for each row that it owed: rewards are given by row.', default: DEFAULT_FEEDBACK.missReward }),
    label_scale: Type.Number({ description: 'With `output: value`, the error against a label that is worth a reward of 0.', default: DEFAULT_FEEDBACK.labelScale, exclusiveMinimum: 0, maximum: 1e12 }),
  }, 'What feedback means.'),
  journal: closed({
    keep: Type.Optional(Type.Boolean({ description: 'Whether decisions are recorded; true where there are several arms or a default reward.' })),
    required: Type.Boolean({ description: 'Whether a query is refused (`journal_full`) rather than answered without a record, as labels need it; always where silence or the context counts.', default: DEFAULT_JOURNAL.required }),
    max_age_hours: Type.Number({ description: 'How long decisions are kept.', default: DEFAULT_JOURNAL.maxAgeMs / 3_600_000, exclusiveMinimum: 0, maximum: 8784 }),
    max_bytes: Type.Integer({ description: 'Most bytes of decisions that are kept; the oldest go first.', default: DEFAULT_JOURNAL.maxBytes, minimum: 65_536, maximum: 2 ** 40 }),
  }, 'The record of decisions.'),
  recording: Type.Optional(closed({
    fraction: Type.Number({ description: 'Share of the queries that is recorded.', exclusiveMinimum: 0, maximum: 1 }),
    max_bytes: Type.Integer({ description: 'Most bytes of the recording on disk; the older half goes when it is full.', default: 64 * MIB, minimum: 65_536, maximum: 2 ** 40 }),
    redact: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { description: 'Inputs and keys of the context that are left out; a query whose inputs are all left out is not recorded.', default: [], maxItems: 256, uniqueItems: true }),
  }, 'A sample of the queries, with their inputs, in `state_dir/recordings`: warm-up, load and tests are made of it. Off where left out.')),
}, 'A prediction endpoint.');

const RULE_WORDS = {
  version_policy: Type.Optional(Type.Union([
    Type.Literal('all'),
    closed({ latest: Type.Integer({ minimum: 1, maximum: 64 }) }),
    closed({ specific: Type.Array(Type.Integer({ minimum: 1, maximum: LARGEST_VERSION }), { minItems: 1, maxItems: 64, uniqueItems: true }) }),
  ], { description: 'Which versions run: `all`, `{latest: n}` or `{specific: [3, 5]}`; beside them each that a label or an arm names. `all`; for a model of a source `{latest: 1}`.', expected: 'all, {latest: n} or {specific: [version, …]}' })),
  transition: words(TRANSITIONS, { description: 'On the way to another version: `availability` starts the new one before the old one goes, `resource` has the old one gone first.', default: 'availability' }),
  split: Type.Optional(mapTo<number>(Type.Number({ minimum: 0, maximum: 1e6 }), { maxProperties: 16, description: 'label → its weight among the queries that name no version of the model: `{stable: 95, canary: 5}`. The same user of an app with a `context_key` stays with the same version.', expected: 'a map of labels to weights' })),
};

/** How the versions of a model come, go and share traffic: in the file with the model's name, in a source in its `model.yaml`. */
export const RULES = closed(RULE_WORDS, 'How versions come, go and share traffic.');
export const MODEL_RULES = closed({ model: Type.String({ description: 'Name of the model.', ...NAME }), ...RULE_WORDS }, 'Rules of a model.');

/** A folder that versions of models are found in. */
export const SOURCE = closed({
  folder: Type.String({ description: 'Folder in the layout `<model>/<version>/…`, with a `model.yaml` of a model or a version where the words of `models[]` are needed.', minLength: 1, maxLength: 4096 }),
  poll_ms: Type.Integer({ description: 'How often it is looked at. A version is taken when nothing in it has changed from one look to the next.', default: 1000, minimum: 50, maximum: 3_600_000 }),
}, 'A source of versions.');

/** A policy of the operator's own. */
export const POLICY = closed({
  name: Type.String({ description: 'How apps name the policy.', ...NAME }),
  module: Type.String({ description: 'The file that exports it as `policy`; it runs inside the broker. Read at start.', minLength: 1, maxLength: 4096 }),
}, 'A policy of your own.');

const SHARES = (description: string): Type.TOptional<Type.TUnsafe<Readonly<Record<string, number>>>> => (
  Type.Optional(mapTo<number>(Type.Number({ minimum: 0, maximum: 1 }), { maxProperties: 64, description, expected: 'a map of arms to numbers from 0 to 1' }))
);

/** The operator's hands on an app: no part of the file, so that applying it does not take them off. */
export const STEERING_BODY = closed({
  pin: Type.Optional(Type.Unsafe<string>({ ...ARM, description: 'Only this arm is asked, as long as it can be.' })),
  frozen: Type.Optional(Type.Boolean({ description: 'Rewards are kept, and teach nothing.' })),
  exploit: Type.Optional(Type.Boolean({ description: 'Exploration off: all traffic to the likeliest arm.' })),
  floors: SHARES('Least probability of arms.'),
  caps: SHARES('Greatest probability of arms.'),
  shadow: Type.Optional(Type.Array(ARM, { description: 'Arms that are asked beside the answer, and not waited for.', maxItems: 64, uniqueItems: true })),
  parents: Type.Optional(mapTo<string>(ARM, { maxProperties: 64, description: 'The arm whose rewards an arm begins with; unless said, that of its model\'s version before.', expected: 'a map of arms to arms' })),
});

/** The configuration file. */
export const FILE = closed({
  ...SETTINGS.properties,
  policies: Type.Array(POLICY, { description: 'Policies of your own.', default: [], maxItems: 64 }),
  models: Type.Array(MODEL, { description: 'Versions of models.', default: [], maxItems: 256 }),
  apps: Type.Array(APP, { description: 'Prediction endpoints.', default: [], maxItems: 1024 }),
  rules: Type.Array(MODEL_RULES, { description: 'How versions of models come, go and share traffic.', default: [], maxItems: 256 }),
  sources: Type.Array(SOURCE, { description: 'Folders that versions are found in.', default: [], maxItems: 16 }),
});

export type RawModel = Static<typeof MODEL>;
export type RawApp = Static<typeof APP>;
export type RawRules = Static<typeof RULES>;
export type RawModelRules = Static<typeof MODEL_RULES>;
export type RawSource = Static<typeof SOURCE>;
export type RawTensor = Static<typeof TENSOR>;
export type RawSettings = Static<typeof SETTINGS>;
