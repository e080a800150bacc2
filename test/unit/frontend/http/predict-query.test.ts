import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictQuery } from '../../../../frontend/http/predict-query.ts';
import { appView } from '../../../support/http-door.ts';

const body = { columns: [], rows: 2, many: true, batchKey: 'k', explain: false } as const;
const app = appView('a', [], { sloMs: 20 });

test('the deadline is arrival and SLO: the body\'s, else what stood beside it, else the app\'s', () => {
  for (const [bodySlo, beside, micros] of [[5, 7, 5000], [undefined, 7.5, 7500], [undefined, undefined, 20_000], [0.0015, undefined, 2]] as const) {
    const query = predictQuery(3, { app, arrivedAtMicros: 100, sloMs: beside }, bodySlo === undefined ? body : { ...body, sloMs: bodySlo });
    assert.deepEqual([query.sloMicros, query.deadlineAtMicros, query.slot, query.app], [micros, 100 + micros, 3, 'a']);
  }
});

test('what was not said is not there, and the query survives cloning', () => {
  const begun = { app, arrivedAtMicros: 1, sloMs: undefined };
  assert.deepEqual(Object.keys(predictQuery(0, begun, body)).filter((key) => key === 'context' || key === 'pin'), []);
  const full = predictQuery(0, begun, { ...body, context: { user: 'u' }, pin: { version: 'stable' } });
  assert.deepEqual([full.context, full.pin], [{ user: 'u' }, { version: 'stable' }]);
  assert.deepEqual(structuredClone(full), full);
});

test('whose work it is comes in a header; one that is none is as if nothing had been said', () => {
  const traceOf = (traceparent: string) => predictQuery(0, { app, arrivedAtMicros: 1, sloMs: undefined, exchange: { headers: { traceparent } } }, body).trace;
  assert.deepEqual(traceOf('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 });
  assert.equal(traceOf('nonsense'), undefined);
});
