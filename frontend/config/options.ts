import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { DTYPES } from '../../protos/dtype.ts';
import { NAME_PATTERN } from '../domain/model.ts';

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

/** Options of the process: read at start, from the file and the environment. */
export const SETTINGS = closed({
  listen: closed({
    http: Type.String({ description: 'Address of the HTTP door: `host:port`, `[::1]:port`; port 0 takes a free one.', default: '127.0.0.1:8000', pattern: '^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$', maxLength: 300, expected: 'host:port' }),
    allowed_hosts: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$', expected: 'a host name, or host:port' }), { description: 'Values of the Host header that are served, beside the address itself and, on loopback, `localhost`.', default: [], maxItems: 64, uniqueItems: true }),
  }, 'Where the broker listens.'),
  state_dir: Type.String({ description: 'Folder for durable state, sockets and working folders of replicas; made with mode 0700. One broker at a time.', default: '.tradewind', minLength: 1, maxLength: 1024 }),
  limits: closed({
    body_bytes: Type.Integer({ description: 'Longest body of a predict request.', default: 32 * MIB, minimum: 1024, maximum: 256 * MIB }),
    open_body_bytes: Type.Integer({ description: 'Bytes of the bodies of all open predict requests together.', default: 512 * MIB, minimum: 1024, maximum: 65_536 * MIB }),
    other_body_bytes: Type.Integer({ description: 'Longest body of any other request.', default: MIB, minimum: 1024, maximum: 64 * MIB }),
    header_bytes: Type.Integer({ description: 'Longest request line and headers together.', default: 16_384, minimum: 1024, maximum: MIB }),
    connections: Type.Integer({ description: 'Most open HTTP connections.', default: 8192, minimum: 1, maximum: 1_000_000 }),
    open_queries: Type.Integer({ description: 'Most predict requests that are read or wait for their answer.', default: 16_384, minimum: 1, maximum: 1_048_576 }),
    open_queries_per_connection: Type.Integer({ description: 'The same on one connection.', default: 512, minimum: 1, maximum: 65_536 }),
    headers_timeout_ms: ms('How long the headers of a request may take.', 10_000, [100, 600_000]),
    request_timeout_ms: ms('How long a request may take to arrive whole.', 60_000, [100, 3_600_000]),
    keep_alive_ms: ms('How long a connection may wait for its next request.', 72_000, [100, 3_600_000]),
    stall_ms: ms('How long nothing at all may move on a connection that waits for no answer.', 120_000, [100, 3_600_000]),
  }, 'Bounds of what callers may ask.'),
  log: closed({
    level: words(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { description: 'Least level that is logged.', default: 'info' }),
  }, 'JSON lines on standard error.'),
  admin: closed({
    token_file: Type.Optional(Type.String({ description: 'File with the bearer token of `/admin`: 16 to 512 characters. Without it, admin answers on loopback only.', minLength: 1, maxLength: 1024 })),
    allow_code: Type.Boolean({ description: 'Whether `/admin` may name commands and files.', default: false }),
    deploy_root: Type.Optional(Type.String({ description: 'Folder that commands and files named through `/admin` lie in; needed for `allow_code`.', minLength: 1, maxLength: 1024 })),
  }, 'The admin routes.'),
  dial: closed({
    allow: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^([A-Za-z0-9.-]+|[0-9a-fA-F:.]+)$', expected: 'a host name or address without a port' }), { description: 'Hosts at which listening containers may be dialled; loopback only, until the wire has TLS.', default: ['127.0.0.1', '::1', 'localhost'], maxItems: 64, uniqueItems: true }),
  }, 'Containers that somebody else runs.'),
  drain_ms: ms('How long a stop waits for accepted queries and for the replicas.', 10_000, [0, 600_000]),
});

const TENSOR = closed({
  name: Type.Optional(Type.String({ description: 'Name of the input; `input` where it is left out.', minLength: 1, maxLength: 256 })),
  dtype: words(DTYPES, { description: 'Element type.' }),
  shape: Type.Array(Type.Integer({ minimum: -1, maximum: LARGEST_VERSION }), { description: 'Shape of one row, without the batch axis; -1 stands for any extent.', maxItems: 8 }),
  ragged: Type.Optional(Type.Boolean({ description: 'Rows of one batch may differ in the extents that are -1.' })),
});

/** A model's or app's own default output, and options of a container: any JSON. */
const FREE = Type.Record(Type.String(), Type.Unknown(), { maxProperties: 64 });

export const MODEL = closed({
  name: Type.String({ description: 'Name of the model.', ...NAME }),
  version: Type.Integer({ description: 'Version of the model.', minimum: 1, maximum: LARGEST_VERSION }),
  container: Type.Union([
    Type.Literal('onnx'),
    Type.Literal('synthetic'),
    closed({ command: Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 256 }) }),
    closed({ dial: Type.Array(Type.String({ minLength: 1, maxLength: 300, pattern: '^(unix:.+|(tcp://)?(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5})$', expected: 'host:port, tcp://host:port or unix:/path' }), { minItems: 1, maxItems: 256, uniqueItems: true }) }),
  ], { description: 'The program: `onnx`, `synthetic`, `{command: [program, argument, …]}` (started in the folder of the file) or `{dial: [host:port, …]}` (one replica for each address).', expected: 'onnx, synthetic, {command: [program, …]} or {dial: [host:port, …]}' }),
  path: Type.Optional(Type.String({ description: 'The model file; needed for `onnx`.', minLength: 1, maxLength: 4096 })),
  options: Type.Unsafe<Readonly<Record<string, unknown>>>({ ...FREE, description: 'Options of the container.', default: {} }),
  replicas: Type.Optional(Type.Integer({ description: 'Replicas to run; with `dial`, one for each address.', minimum: 0, maximum: 256 })),
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
    controller: words(['aimd', 'fixed'], { description: 'What sizes the batches.', default: 'aimd' }),
    max_batch: Type.Integer({ description: 'Most rows of a batch.', default: 128, minimum: 1, maximum: 65_536 }),
    max_queue_rows: Type.Integer({ description: 'Most rows that wait.', default: 8192, minimum: 1, maximum: 1_048_576 }),
  }, 'How rows are put together.'),
  slo_ms: Type.Number({ description: 'Latency that batches are sized for where the queries in them do not ask for less.', default: 20, minimum: 0.1, maximum: 600_000 }),
  profile: Type.Optional(closed({
    accuracy: Type.Optional(Type.Number({ description: 'Share of held-out inputs answered rightly.', minimum: 0, maximum: 1 })),
    cost_per_hour: Type.Optional(Type.Number({ description: 'Cost of one replica for an hour, in any currency.', minimum: 0, maximum: 1e6 })),
    memory_mb: Type.Optional(Type.Number({ description: 'Memory of one replica.', minimum: 0, maximum: 1e9 })),
  }, 'Facts about the model.')),
}, 'One version of a model.');

export const APP = closed({
  name: Type.String({ description: 'Name of the app.', ...NAME }),
  arms: Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}(@[a-z0-9][a-z0-9._-]{0,63})?$', expected: 'model, model@version or model@label' }), { description: 'Candidates: `model`, `model@3` or `model@stable`.', minItems: 1, maxItems: 64, uniqueItems: true }),
  policy: Type.Optional(Type.String({ description: 'How one of the arms is chosen; needed for two or more.', minLength: 1, maxLength: 64 })),
  output: Type.Optional(words(['label', 'probabilities', 'logits', 'value', 'raw'], { description: 'What the app answers; every arm must be able to. `label` where the arms give labels, probabilities or logits; else what they give.' })),
  slo_ms: Type.Number({ description: 'The latency objective of a query that names none.', default: 20, minimum: 0.1, maximum: 600_000 }),
  slo_min_ms: Type.Number({ description: 'Least objective that a query may name.', default: 0.1, minimum: 0.1, maximum: 600_000 }),
  slo_max_ms: Type.Number({ description: 'Greatest objective that a query may name.', default: 60_000, minimum: 0.1, maximum: 600_000 }),
  default: Type.Optional(Type.Unknown({ description: 'Answered when no model could answer in time; it must fit `output`.' })),
  on_miss: Type.Optional(words(['default', 'error', 'wait'], { description: 'What a query gets that no model answered in time: the default output, an error, or the answer when it comes. `default` where a default is given, else `error`.' })),
  priority: words(['critical', 'normal', 'sheddable'], { description: 'Who is shed last and first.', default: 'normal' }),
  weight: Type.Number({ description: 'Share among apps of one priority.', default: 1, exclusiveMinimum: 0, maximum: 1000 }),
  context_key: Type.Optional(Type.String({ description: 'Key of the context that tells users or segments apart.', minLength: 1, maxLength: 128 })),
}, 'A prediction endpoint.');

/** The configuration file. */
export const FILE = closed({
  ...SETTINGS.properties,
  models: Type.Array(MODEL, { description: 'Versions of models.', default: [], maxItems: 256 }),
  apps: Type.Array(APP, { description: 'Prediction endpoints.', default: [], maxItems: 1024 }),
});

export type RawModel = Static<typeof MODEL>;
export type RawApp = Static<typeof APP>;
export type RawTensor = Static<typeof TENSOR>;
export type RawSettings = Static<typeof SETTINGS>;
