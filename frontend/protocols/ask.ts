import type { AppAccess } from '../domain/access.ts';
import type { Failure } from '../domain/answer.ts';
import type { Micros } from '../domain/clock.ts';
import { PRIORITIES, type AppSpec } from '../domain/model.ts';
import type { InputColumn, Query } from '../domain/query.ts';
import type { Served } from '../domain/served.ts';
import { readTraceparent, type TraceContext } from '../domain/trace.ts';

/** What a caller may say of its query beside the inputs, in any protocol. */
export interface Ask {
  readonly sloMs?: number;
  /** Place in `PRIORITIES`. */
  readonly priority?: number;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly trace?: TraceContext;
}

export function isFailure(read: Ask | Query | Failure): read is Failure {
  return 'code' in read;
}

/** Why whoever shows this `Authorization` header may not ask under this name; undefined where it may. */
export function guarded({ guards }: Served, access: AppAccess, authorization: string | undefined): Failure | undefined {
  let refusal: Failure | undefined;
  for (const guard of guards) {
    refusal = access.refusal(guard, authorization);
    if (refusal === undefined) return undefined;
  }
  return refusal;
}

const NOTHING: Ask = Object.freeze({});
const MOST_CONTEXT_CHARACTERS = 64 * 1024;

/**
 * From HTTP headers or gRPC metadata, by lower-case names: `tradewind-slo-ms: 20`, `tradewind-priority: critical`,
 * `tradewind-context: {"user": "ann"}`; and `traceparent`.
 */
export function askOfHeaders(header: (name: string) => string | undefined): Ask | Failure {
  const slo = header('tradewind-slo-ms');
  const priority = header('tradewind-priority');
  const context = header('tradewind-context');
  const trace = readTraceparent(header('traceparent'));
  let ask: Ask = trace === undefined ? NOTHING : { trace };
  if (slo === undefined && priority === undefined && context === undefined) return ask;
  if (slo !== undefined) ask = { ...ask, sloMs: slo.trim() === '' ? Number.NaN : Number(slo) };
  if (priority !== undefined) {
    const place = (PRIORITIES as readonly string[]).indexOf(priority);
    if (place < 0) return { code: 'invalid_field', message: `tradewind-priority: expected ${PRIORITIES.join(', ')}.` };
    ask = { ...ask, priority: place };
  }
  if (context === undefined) return ask;
  const read = readContext(context);
  return read === undefined ? { code: 'invalid_field', message: 'tradewind-context: expected a JSON object.' } : { ...ask, context: read };
}

/** A context as JSON text; undefined where it is no JSON object, or longer than 64 Ki characters. */
export function readContext(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > MOST_CONTEXT_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : undefined;
  } catch {
    return undefined;
  }
}

/** The inputs of a query, each column with one holder of its slab: whoever has this. */
export interface AskedRows {
  readonly columns: readonly InputColumn[];
  readonly rows: number;
  readonly batchKey: string;
}

/** What a request asks of a name whose inputs nobody knows yet: how many rows there are is all that can be told of it. */
export interface CountedRows {
  readonly columns?: undefined;
  readonly rows: number;
}

/**
 * The query that a caller asks, due an SLO after its arrival: what it said, within the app's bounds, else the app's; and no
 * later than it will wait (`patienceMicros`: a gRPC deadline), which only ever shortens it. A refusal leaves the columns to
 * the caller of this.
 */
export function queryOf(served: Served, input: AskedRows, said: { slot: number; arrivedAtMicros: Micros; ask: Ask; patienceMicros?: number }): Query | Failure {
  const { view: { spec }, pin } = served;
  const { slot, arrivedAtMicros, ask, patienceMicros = Number.POSITIVE_INFINITY } = said;
  const { sloMs = spec.sloMs, priority, context, trace } = ask;
  if (!(sloMs >= spec.sloMinMs && sloMs <= spec.sloMaxMs)) return outOfBounds(spec, sloMs);
  const sloMicros = Math.min(Math.round(sloMs * 1000), Math.floor(patienceMicros));
  const query: Query = {
    slot, app: spec.name, arrivedAtMicros, sloMicros, deadlineAtMicros: arrivedAtMicros + sloMicros,
    rows: input.rows, many: true, columns: input.columns, batchKey: input.batchKey, explain: false,
  };
  if (pin === undefined && priority === undefined && context === undefined && trace === undefined) return query;
  return {
    ...query, ...(pin === undefined ? {} : { pin }), ...(priority === undefined ? {} : { priority }), ...(context === undefined ? {} : { context }),
    ...(trace === undefined ? {} : { trace }),
  };
}

function outOfBounds({ sloMinMs, sloMaxMs }: AppSpec, sloMs: number): Failure {
  return { code: 'invalid_slo', message: `The latency objective is ${sloMs} ms; expected ${sloMinMs} to ${sloMaxMs}.` };
}
