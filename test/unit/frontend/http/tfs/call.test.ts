import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TfsCall, type CallOwner } from '../../../../../frontend/http/tfs/call.ts';
import type { Connection } from '../../../../../frontend/http/exchange/exchange.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

function begin(): { call: TfsCall; request: RequestDouble; connection: Connection; log: string[] } {
  const request = new RequestDouble(new SocketDouble());
  const exchange = exchangeOf(request, new ResponseDouble(request.socket));
  const log: string[] = [];
  const owner: CallOwner = {
    chunk: (_call, chunk) => void log.push(`chunk ${chunk.length}`), bodyEnd: () => void log.push('end'), bodyBroken: () => void log.push('broken'), left: () => void log.push('left'),
    answered: (_call, answer) => void log.push(`answered ${answer.slot}`),
  };
  const call = new TfsCall({ exchange, arrivedAtMicros: 1, served: servedModel('m', [], undefined), method: 'predict', ask: {}, parser: undefined }, owner);
  call.begin();
  return { call, request, connection: exchange.connection, log };
}

test('its owner hears of the body, of the answer, and of a client that leaves', () => {
  const { call, request, connection, log } = begin();
  assert.deepEqual(connection.open, [call]);
  request.emit('data', Buffer.alloc(3));
  request.emit('end');
  call.wait(7);
  assert.deepEqual([call.state, call.slot], ['waiting', 7]);
  call.leave();
  call.answered({ slot: 7, latencyMicros: 1, ok: false, failure: { code: 'internal', message: '' } });
  assert.deepEqual(log, ['chunk 3', 'end', 'left', 'answered 7']);
});

test('a call that is over is open no more, hears nothing more, and ends once', () => {
  const { call, request, connection, log } = begin();
  const other = begin();
  connection.open.push(other.call);
  call.finish();
  call.finish();
  request.emit('data', Buffer.alloc(3));
  request.emit('end');
  call.leave();
  assert.deepEqual([log, connection.open], [[], [other.call]]);
});

test('a body that does not inflate is told, unless the call is over', () => {
  const { call, log } = begin();
  call.broken();
  call.finish();
  call.broken();
  assert.deepEqual(log, ['broken']);
});
