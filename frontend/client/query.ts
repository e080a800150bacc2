/** What any query may say, in the words of `POST /v1/apps/{app}/predict`. */
interface QueryOptions {
  /** Latency objective in milliseconds; the client's, then the app's own, where it is left out. */
  readonly slo_ms?: number;
  /** What is known of the query, for the policy. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Asks this model, and this version or label, in place of the policy's choice. */
  readonly model?: string;
  readonly version?: number | string;
  readonly explain?: boolean;
}

/** One row. A Float32Array is sent as its bytes, which costs both sides least: for apps with one float32 input. Other typed arrays, and those inside of something, are sent as the lists of their numbers. */
export interface RowQuery extends QueryOptions {
  readonly input: unknown;
  /** Of a Float32Array; that of the app's input where left out. */
  readonly shape?: readonly number[];
}

/** Many rows: one decision. A Float32Array holds them one after another, and `shape` is `[rows, …]`. */
export interface RowsQuery extends QueryOptions {
  readonly inputs: readonly unknown[] | Float32Array;
  readonly shape?: readonly number[];
}

export type Query = RowQuery | RowsQuery;

/** A query as HTTP takes it. */
export interface PredictRequest {
  /** Behind the path of the route: empty, or `?…`. */
  readonly search: string;
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** `sloMs` wins over what the query says: it is what is left of it. */
export function predictRequest(query: Query, sloMs: number | undefined): PredictRequest {
  const floats = 'input' in query ? query.input : query.inputs;
  const { shape, ...said } = { ...query, ...(sloMs === undefined ? {} : { slo_ms: sloMs }) };
  if (!(floats instanceof Float32Array)) return { search: '', contentType: 'application/json', body: JSON.stringify(withLists(said)) };
  if ('inputs' in query && shape === undefined) throw new TypeError('many rows in a Float32Array need their shape: [rows, …]');
  const words = new URLSearchParams({ dtype: 'float32' });
  if (shape !== undefined) words.set('shape', shape.join(','));
  for (const key of ['slo_ms', 'model', 'version', 'explain'] as const) if (said[key] !== undefined) words.set(key, String(said[key]));
  if (said.context !== undefined) words.set('context', JSON.stringify(said.context));
  // A copy of its own range: the view may be of a part of its buffer, or of shared memory, which fetch does not take.
  return { search: `?${words.toString()}`, contentType: 'application/octet-stream', body: new Uint8Array(new Float32Array(floats).buffer) };
}

/** JSON makes a map by index of a typed array: each becomes a list. Arrays are looked at by their first element. */
function withLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return value instanceof DataView ? value : Array.from(value as Float64Array);
  if (Array.isArray(value)) return typeof value[0] === 'object' ? value.map(withLists) : value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withLists(inner)]));
}
