import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TfsCall, type CallOwner } from '../../../../../frontend/http/tfs/call.ts';
import { RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

function begin(): { call: TfsCall; request: RequestDouble; response: ResponseDouble; log: string[] } {
  const request = new RequestDouble(new SocketDouble());
  const response = new ResponseDouble(request.socket);
  const log: string[] = [];
  const owner: CallOwner = {
    chunk: (_call, chunk) => void log.push(`chunk ${chunk.length}`), bodyEnd: () => void log.push('end'), bodyBroken: () => void log.push('broken'), left: () => void log.push('left'),
    answered: (_call, answer) => void log.push(`answered ${answer.slot}`),
  };
  const call = new TfsCall({
    request: request.asRequest(), body: request.asRequest(), response: response.asResponse(), headers: [], requestId: 'r', arrivedAtMicros: 1, served: servedModel('m', [], undefined), method: 'predict', ask: {}, parser: undefined,
  }, owner);
  call.listen();
  return { call, request, response, log };
}

test('its owner hears of the body, of the answer, and of a client that leaves', () => {
  const { call, request, response, log } = begin();
  request.emit('data', Buffer.alloc(3));
  request.emit('end');
  call.wait(7);
  assert.deepEqual([call.state, call.slot], ['waiting', 7]);
  response.emit('close');
  call.answered({ slot: 7, latencyMicros: 1, ok: false, failure: { code: 'internal', message: '' } });
  assert.deepEqual(log, ['chunk 3', 'end', 'left', 'answered 7']);
});

test('a call that is over hears nothing more', () => {
  const { call, request, response, log } = begin();
  call.state = 'over';
  request.emit('data', Buffer.alloc(3));
  request.emit('end');
  response.emit('close');
  assert.deepEqual(log, []);
});
