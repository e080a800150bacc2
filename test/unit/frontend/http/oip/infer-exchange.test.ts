import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferDoor } from '../../../../support/infer-door.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { OpenBodies } from '../../../../../frontend/http/exchange/open-bodies.ts';

const BODY = Buffer.from('{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT8","data":[1,2]}]}');

function begin(more: Parameters<typeof inferDoor>[0] = {}, body: { readonly length: number } = BODY): { request: RequestDouble; response: ResponseDouble; connection: ReturnType<typeof exchangeOf>['connection'] } & ReturnType<typeof inferDoor> {
  const made = inferDoor(more);
  const request = new RequestDouble(new SocketDouble(), { 'content-length': String(body.length) });
  const response = new ResponseDouble(request.socket);
  const exchange = exchangeOf(request, response);
  made.door.take({ exchange, model: 'm', version: undefined });
  return { ...made, request, response, connection: exchange.connection };
}

test('a body in pieces becomes one query and one answer, and nothing stays open', () => {
  const { request, response, connection, world } = begin();
  assert.equal(connection.open.length, 1);
  for (const byte of BODY) request.emit('data', Buffer.from([byte]));
  request.complete = true;
  request.emit('end');
  assert.equal(response.status, 200);
  assert.deepEqual((JSON.parse(response.body) as { outputs: unknown }).outputs, [{ name: 'x', datatype: 'INT8', shape: [1, 2], data: [1, 2] }]);
  assert.deepEqual([connection.open.length, world.slabs.usedSlabs, world.calls.open], [0, 0, 0]);
});

test('a client that goes away takes its query back, or its body, and nothing is left', () => {
  for (const whole of [true, false]) {
    const { request, response, connection, world } = begin();
    world.respond = () => undefined;
    request.emit('data', whole ? BODY : BODY.subarray(0, 60));
    if (whole) request.emit('end');
    for (const open of [...connection.open]) open.leave();
    assert.deepEqual([response.status, connection.open.length, world.slabs.usedSlabs, world.calls.open, world.cancelled.length], [0, 0, 0, 0, whole ? 1 : 0]);
  }
});

test('bodies are bounded, one and all together', () => {
  const large = begin({ maxBodyBytes: 40 });
  large.request.emit('data', BODY);
  assert.deepEqual([large.response.status, large.world.slabs.usedSlabs], [413, 0]);
  const many = begin({ bodies: new OpenBodies(40) });
  many.request.emit('data', BODY);
  assert.deepEqual([many.response.status, JSON.parse(many.response.body)], [503, { error: 'the bodies of open requests hold as much memory as they may' }]);
});

test('outputs beyond the bound go out raw only', () => {
  const ask = (body: string): ReturnType<typeof begin> => {
    const begun = begin({ maxJsonBytes: 1 }, body);
    begun.request.emit('data', Buffer.from(body));
    begun.request.complete = true;
    begun.request.emit('end');
    assert.deepEqual([begun.connection.open.length, begun.world.slabs.usedSlabs, begun.world.calls.open, begun.faults], [0, 0, 0, []]);
    return begun;
  };
  const { response, world } = ask(BODY.toString());
  assert.deepEqual([response.status, JSON.parse(response.body)], [406, { error: "The outputs have 2 bytes; JSON may hold 1. Outputs with 'binary_data' have no such bound." }]);
  assert.deepEqual(world.queries.length, 1);
  assert.equal(ask(BODY.toString().replace('}]}', '}],"outputs":[{"name":"x","parameters":{"binary_data":true}}]}')).response.status, 200);
});

test('a fault of ours is answered, and told', () => {
  const { request, response, faults, world } = begin();
  world.respond = () => {
    throw new Error('secret');
  };
  request.emit('data', BODY);
  request.emit('end');
  assert.deepEqual([response.status, JSON.parse(response.body), faults.length], [500, { error: 'A fault of the broker.' }, 1]);
});
