import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type HrTime, type Span, type SpanContext, type Tracer } from '@opentelemetry/api';
import type { Answer } from '../domain/answer.ts';
import type { BatchTrace, BatchTracer } from '../domain/batch-tracer.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { AnswerSink, PredictPort, UnparsedQuery } from '../domain/ports.ts';
import type { Query } from '../domain/query.ts';
import type { RowSlice } from '../domain/replica.ts';
import type { TraceContext } from '../domain/trace.ts';

export interface RoadTracerOptions {
  /** A tracer of OpenTelemetry; where nobody has registered a provider it records nothing, and passes contexts on. */
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  /** Where answers go. */
  readonly sink: AnswerSink;
}

/**
 * Stands before the road and behind it, where tracing is on: a span for each query, from its arrival to its answer, and one
 * for each batch, which is linked to the queries whose rows it carries, as these are to it. A batch of one query is its
 * child; one of several begins a trace of its own.
 */
export class RoadTracer implements PredictPort, AnswerSink, BatchTracer {
  readonly #options: RoadTracerOptions;
  /** By slot. */
  readonly #open: (Span | undefined)[] = [];
  #road: PredictPort | undefined;

  constructor(options: RoadTracerOptions) {
    this.#options = options;
  }

  /** Where queries go on. Once, before the first. */
  connect(road: PredictPort): void {
    this.#road = road;
  }

  submit(query: Query): void {
    const { app, rows, sloMicros, arrivedAtMicros } = query;
    const span = this.#begin(query.slot, { app, arrivedAtMicros, parent: query.trace, attributes: { 'tradewind.rows': rows, 'tradewind.slo_ms': sloMicros / 1000 } });
    const own = contextOf(span.spanContext());
    this.#roadNow().submit(own === undefined ? query : { ...query, trace: own });
  }

  submitUnparsed(query: UnparsedQuery): void {
    const { slot, app, arrivedAtMicros, rows } = query;
    this.#begin(slot, { app, arrivedAtMicros, parent: undefined, attributes: { 'tradewind.rows': rows } });
    this.#roadNow().submitUnparsed(query);
  }

  cancel(slot: number): void {
    this.#end(slot, (span) => span.setAttribute('tradewind.cancelled', true));
    this.#roadNow().cancel(slot);
  }

  answer(answer: Answer): void {
    this.#end(answer.slot, (span) => describe(span, answer));
    this.#options.sink.answer(answer);
  }

  sent({ slices, rows }: { readonly slices: readonly RowSlice[]; readonly rows: number }, { model, replica }: { readonly model: string; readonly replica: string }): BatchTrace {
    const { tracer, clock } = this.#options;
    const queries = [...new Set(slices.map(({ query }) => query))];
    const contexts = queries.flatMap(({ trace: of }) => (of === undefined ? [] : [spanContextOf(of)]));
    const [only] = contexts;
    const parent = only !== undefined && contexts.length === 1 ? trace.setSpanContext(ROOT_CONTEXT, only) : ROOT_CONTEXT;
    const span = tracer.startSpan('batch', {
      kind: SpanKind.CLIENT, startTime: this.#time(clock.now()), links: contexts.map((context) => ({ context })),
      attributes: { 'tradewind.model': model, 'tradewind.replica': replica, 'tradewind.batch.rows': rows, 'tradewind.batch.queries': queries.length },
    }, parent);
    const context = span.spanContext();
    for (const { slot, trace: of } of queries) {
      const open = this.#open[slot];
      // Its query may be over, and its slot another's, while others still wait for the row.
      if (open !== undefined && open.spanContext().spanId === of?.spanId) open.addLink({ context, attributes: { 'tradewind.model': model } });
    }
    return {
      context: contextOf(context),
      ended: ({ outcome, computeMicros, error }) => {
        span.setAttributes({ 'tradewind.batch.outcome': outcome, ...(computeMicros === undefined ? {} : { 'tradewind.batch.compute_us': computeMicros }) });
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end(this.#time(clock.now()));
      },
    };
  }

  #begin(slot: number, { app, arrivedAtMicros, parent, attributes }: { app: string; arrivedAtMicros: Micros; parent: TraceContext | undefined; attributes: Attributes }): Span {
    const span = this.#options.tracer.startSpan(`predict ${app}`, {
      kind: SpanKind.SERVER, startTime: this.#time(arrivedAtMicros), attributes: { 'tradewind.app': app, ...attributes },
    }, parentContext(parent));
    this.#open[slot] = span;
    return span;
  }

  #end(slot: number, tell: (span: Span) => void): void {
    const span = this.#open[slot];
    if (span === undefined) return;
    this.#open[slot] = undefined;
    tell(span);
    span.end(this.#time(this.#options.clock.now()));
  }

  #time(micros: Micros): HrTime {
    const epochMicros = micros + this.#options.epochOffsetMicros;
    const seconds = Math.floor(epochMicros / 1e6);
    return [seconds, Math.round((epochMicros - seconds * 1e6) * 1000)];
  }

  #roadNow(): PredictPort {
    if (this.#road === undefined) throw new Error('a query came before the road was connected');
    return this.#road;
  }
}

function describe(span: Span, answer: Answer): void {
  if (answer.decisionId !== undefined) span.setAttribute('tradewind.decision_id', answer.decisionId);
  if (!answer.ok) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: answer.failure.code });
    return;
  }
  const { source, model, version, reason } = answer;
  span.setAttribute('tradewind.source', source);
  if (model !== undefined) span.setAttribute('tradewind.model', version === undefined ? model : `${model}@${version}`);
  if (reason !== undefined) span.setAttribute('tradewind.reason', reason);
}

function parentContext(of: TraceContext | undefined): Context {
  return of === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(of));
}

function spanContextOf({ traceId, spanId, flags }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: flags, isRemote: true };
}

/** undefined for the context of a span that nobody records and nobody began. */
function contextOf({ traceId, spanId, traceFlags }: SpanContext): TraceContext | undefined {
  return trace.isSpanContextValid({ traceId, spanId, traceFlags }) ? { traceId, spanId, flags: traceFlags } : undefined;
}
