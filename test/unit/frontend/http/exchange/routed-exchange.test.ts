import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { routedExchange } from '../../../../../frontend/http/exchange/routed-exchange.ts';
import { RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';

test('the router answers no more, and what is open leaves when the response closes', () => {
  const raw = new RequestDouble(new SocketDouble(), { a: 'b' });
  const response = new ResponseDouble(raw.socket);
  let hijacked = 0;
  const exchange = routedExchange({ raw, id: 'q1' } as unknown as FastifyRequest, { raw: response, hijack: () => hijacked++ } as unknown as FastifyReply);
  assert.deepEqual([hijacked, exchange.requestId, exchange.headers], [1, 'q1', { a: 'b' }]);
  const left: number[] = [];
  const { open } = exchange.connection;
  for (const each of [1, 2]) {
    const request = { exchange, state: 'waiting' as const, leave: () => {
      left.push(each);
      open.splice(open.indexOf(request), 1);
    } };
    open.push(request);
  }
  response.emit('close');
  assert.deepEqual([left, open.length], [[1, 2], 0]);
});
