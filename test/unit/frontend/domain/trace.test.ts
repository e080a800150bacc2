import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraceparent, sharedTrace, traceparentOf, type TraceContext } from '../../../../frontend/domain/trace.ts';

const TEXT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const CONTEXT: TraceContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 };

test('a traceparent is read and written as the same', () => {
  assert.deepEqual(readTraceparent(TEXT), CONTEXT);
  assert.equal(traceparentOf(CONTEXT), TEXT);
  assert.deepEqual(readTraceparent(TEXT.replace(/^00/u, 'cc').concat('-more')), CONTEXT);
});

test('what is none is undefined: the examples of the recommendation among them', () => {
  const zeros = (n: number): string => '0'.repeat(n);
  const wrong = [
    undefined, 7, ['a'], '', 'x', TEXT.toUpperCase(), `${TEXT}-more`, `${TEXT}0`, TEXT.slice(0, -1), TEXT.replace(/^00/u, 'ff'),
    `00-${zeros(32)}-b7ad6b7169203331-01`, `00-0af7651916cd43dd8448eb211c80319c-${zeros(16)}-01`, TEXT.replaceAll('-', '_'), ` ${TEXT}`, `${TEXT}, ${TEXT}`,
  ];
  for (const text of wrong) assert.equal(readTraceparent(text), undefined, String(text));
});

test('a batch has the context that all its traced queries share, or none', () => {
  const of = (...traces: (TraceContext | undefined)[]) => sharedTrace(traces.map((trace) => ({ query: trace === undefined ? {} : { trace } })));
  assert.equal(of(), undefined);
  assert.equal(of(undefined), undefined);
  assert.deepEqual(of(CONTEXT, undefined, { ...CONTEXT }), CONTEXT);
  assert.equal(of(CONTEXT, { ...CONTEXT, spanId: '1111111111111111' }), undefined);
});
