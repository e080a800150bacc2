import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../protos/wire.ts';
import { Flight } from '../../../../frontend/rpc/flight.ts';
import { TestSink } from '../../../support/batches.ts';

const part = { payload: new Uint8Array(0), columns: [] };

function fly(rows: number): { flight: Flight; sink: TestSink; cancelled: number[] } {
  const cancelled: number[] = [];
  const sink = new TestSink();
  return { sink, cancelled, flight: new Flight(1, rows, sink, (_, some) => void cancelled.push(...some)) };
}

test('rows settle as they come, and the end comes last', async () => {
  const { flight, sink } = fly(3);
  flight.answer([2, 0], part);
  flight.fail(1, { code: 'bad', message: 'm' });
  flight.done(5, undefined);
  const { rows, failed, end } = await sink.ended;
  assert.deepEqual([[...rows.keys()], [...failed.keys()], end], [[2, 0], [1], { kind: 'done', computeMicros: 5 }]);
});

test('a row that was settled is not settled again, and nothing of such a frame is told', () => {
  const { flight, sink } = fly(3);
  flight.answer([1], part);
  assert.throws(() => flight.answer([0, 1], part), WireError);
  assert.throws(() => flight.fail(1, { code: 'c', message: '' }), WireError);
  assert.deepEqual([...sink.rows.keys()], [1]);
});

test('a cancelled row is told nothing, owed nothing, and may be answered all the same, once', async () => {
  const { flight, sink, cancelled } = fly(3);
  flight.answer([0], part);
  flight.cancel([0, 1]);
  flight.cancel([1]);
  assert.deepEqual(cancelled, [1]);
  flight.answer([1, 2], part);
  assert.throws(() => flight.answer([1], part), WireError);
  flight.done(1, undefined);
  flight.cancel([2]);
  const { rows, end } = await sink.ended;
  assert.deepEqual([[...rows.keys()], end, cancelled], [[0, 2], { kind: 'done', computeMicros: 1 }, [1]]);
});

test('a sink that cancels other rows of the frame, or ends the batch, while it is told is obeyed', async () => {
  const first = fly(3);
  first.sink.onRow = () => first.flight.cancel([1]);
  first.flight.answer([0, 1, 2], part);
  assert.deepEqual([...first.sink.rows.keys()], [0, 2]);
  const second = fly(3);
  second.sink.onRow = () => second.flight.lost('severed');
  second.flight.answer([0, 1, 2], part);
  assert.deepEqual((await second.sink.ended).end, { kind: 'lost', message: 'severed' });
  assert.deepEqual([...second.sink.rows.keys()], [0]);
});

test('rows left out, a whole batch refused, and a spoilt one each end with their reason', async () => {
  const out = fly(2);
  out.flight.answer([0], part);
  out.flight.done(1, undefined);
  assert.deepEqual((await out.sink.ended).end, { kind: 'done', computeMicros: 1, error: { code: 'rows_missing', message: 'the container said done with 1 of 2 rows unanswered' } });
  const refused = fly(1);
  refused.flight.done(1, { code: 'model_error', message: 'no' });
  assert.deepEqual((await refused.sink.ended).end, { kind: 'done', computeMicros: 1, error: { code: 'model_error', message: 'no' } });
  const spoilt = fly(2);
  spoilt.flight.spoil({ code: 'bad_output', message: 'b' });
  spoilt.flight.answer([0, 1], part);
  spoilt.flight.done(1, undefined);
  spoilt.flight.lost('too late');
  const { rows, end } = await spoilt.sink.ended;
  assert.equal(rows.size, 0);
  assert.deepEqual(end, { kind: 'done', computeMicros: 1, error: { code: 'bad_output', message: 'b' } });
});
