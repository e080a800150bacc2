import assert from 'node:assert/strict';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { test } from 'node:test';
import type { Answer } from '../../../../frontend/domain/answer.ts';
import type { Query } from '../../../../frontend/domain/query.ts';
import { RoadTracer } from '../../../../frontend/tracing/road-tracer.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 };
const EPOCH_MICROS = 1_800_000_000_000_000;

function queryOf(slot: number, more: Partial<Query> = {}): Query {
  return { slot, app: 'a', arrivedAtMicros: 0, sloMicros: 20_000, deadlineAtMicros: 20_000, rows: 1, many: false, columns: [], batchKey: 'k', explain: false, ...more };
}

function opened() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const clock = new VirtualClock();
  const submitted: Query[] = [];
  const answered: Answer[] = [];
  const tracer = new RoadTracer({ tracer: provider.getTracer('test'), clock, epochOffsetMicros: EPOCH_MICROS, sink: { answer: (answer) => void answered.push(answer) } });
  tracer.connect({ submit: (query) => void submitted.push(query), submitUnparsed: () => {}, cancel: () => {} });
  return { tracer, clock, submitted, answered, spans: () => exporter.getFinishedSpans() };
}

const answer = (slot: number): Answer => ({ slot, latencyMicros: 1, decisionId: 'd', ok: true, source: 'model', model: 'm', version: 2, rows: [] });
const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan => spans.find((span) => span.name === name) ?? assert.fail(`no span ${name}`);

test('a query has a span from its arrival to its answer, a child of the caller\'s, and the road sees it as its own', () => {
  const { tracer, clock, submitted, answered, spans } = opened();
  clock.advance(100);
  tracer.submit(queryOf(3, { arrivedAtMicros: 40, trace: CALLER }));
  clock.advance(900);
  tracer.answer(answer(3));
  const [span] = spans();
  assert.deepEqual([span?.name, span?.parentSpanContext?.spanId, span?.spanContext().traceId], ['predict a', CALLER.spanId, CALLER.traceId]);
  assert.deepEqual([span?.startTime, span?.endTime], [[1_800_000_000, 40_000], [1_800_000_000, 1_000_000]]);
  assert.equal(submitted[0]?.trace?.spanId, span?.spanContext().spanId);
  assert.deepEqual([span?.attributes['tradewind.model'], span?.attributes['tradewind.source'], span?.attributes['tradewind.decision_id'], answered.length], ['m@2', 'model', 'd', 1]);
});

test('a batch of several queries is linked to each, and each to it; a batch of one is its child', () => {
  const { tracer, submitted, spans } = opened();
  tracer.submit(queryOf(0));
  tracer.submit(queryOf(1));
  const slices = submitted.map((query) => ({ query, first: 0, count: 1 }));
  const both = tracer.sent({ slices, rows: 2 }, { model: 'm@1', replica: 'm@1/1.1' });
  both.ended({ outcome: 'done', computeMicros: 7 });
  const one = tracer.sent({ slices: slices.slice(0, 1), rows: 1 }, { model: 'm@1', replica: 'm@1/1.1' });
  one.ended({ outcome: 'lost', error: 'killed' });
  tracer.answer(answer(0));
  tracer.answer(answer(1));
  const [joint, alone, first, second] = spans();
  assert.deepEqual(joint?.links.map(({ context }) => context.spanId), [first?.spanContext().spanId, second?.spanContext().spanId]);
  assert.deepEqual([joint?.parentSpanContext, joint?.attributes['tradewind.batch.rows'], joint?.attributes['tradewind.batch.compute_us']], [undefined, 2, 7]);
  assert.deepEqual(first?.links.map(({ context }) => context.spanId), [joint?.spanContext().spanId, alone?.spanContext().spanId]);
  assert.deepEqual([alone?.parentSpanContext?.spanId, alone?.status.code], [first?.spanContext().spanId, SpanStatusCode.ERROR]);
  assert.equal(both.context?.spanId, joint?.spanContext().spanId);
});

test('a query that is cancelled or refused ends its span too, once, and its slot is free for another', () => {
  const { tracer, submitted, spans } = opened();
  tracer.submit(queryOf(0));
  tracer.cancel(0);
  tracer.cancel(0);
  tracer.submit(queryOf(0, { app: 'b' }));
  const [before] = submitted;
  if (before !== undefined) tracer.sent({ slices: [{ query: before, first: 0, count: 1 }], rows: 1 }, { model: 'm@1', replica: 'r' }).ended({ outcome: 'done' });
  tracer.answer({ slot: 0, latencyMicros: 1, ok: false, failure: { code: 'overloaded', message: 'x' } });
  tracer.submitUnparsed({ slot: 1, app: 'c', arrivedAtMicros: 5, rows: 1, reason: 'no_replica' });
  tracer.answer(answer(1));
  assert.equal(spans().length, 4);
  assert.equal(named(spans(), 'predict a').attributes['tradewind.cancelled'], true);
  assert.deepEqual([named(spans(), 'predict b').status, named(spans(), 'predict b').links], [{ code: SpanStatusCode.ERROR, message: 'overloaded' }, []]);
  assert.equal(named(spans(), 'predict c').status.code, SpanStatusCode.UNSET);
});

test('where nobody has registered a provider, what the caller said is passed on', () => {
  const submitted: Query[] = [];
  const tracer = new RoadTracer({ tracer: trace.getTracer('none'), clock: new VirtualClock(), epochOffsetMicros: 0, sink: { answer: () => {} } });
  tracer.connect({ submit: (query) => void submitted.push(query), submitUnparsed: () => {}, cancel: () => {} });
  tracer.submit(queryOf(0, { trace: CALLER }));
  tracer.submit(queryOf(1));
  assert.deepEqual(submitted.map(({ trace: of }) => of), [CALLER, undefined]);
});
