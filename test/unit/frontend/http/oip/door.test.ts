import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';
import { inferDoor } from '../../../../support/infer-door.ts';

function ask(model: string, headers: Readonly<Record<string, string>> = {}, { version, body = '', more = {} }: { version?: string; body?: string | Uint8Array; more?: Parameters<typeof inferDoor>[0] } = {}): { status: number; json: unknown; body: string; headers: ReadonlyMap<string, string>; world: ReturnType<typeof inferDoor>['world'] } {
  const { door, world } = inferDoor(more);
  const request = new RequestDouble(new SocketDouble(), { 'content-length': String(body.length), ...headers });
  const response = new ResponseDouble(request.socket);
  door.take({ exchange: exchangeOf(request, response), model, version });
  request.emit('data', Buffer.from(body));
  request.complete = true;
  request.emit('end');
  assert.equal(world.slabs.usedSlabs, 0);
  return { status: response.status, json: response.headers.get('content-type')?.includes('json') === true ? JSON.parse(response.body) : undefined, body: response.body, headers: response.headers, world };
}
const BODY = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"INT8","data":[1,2]}]}';

test('headers are looked at before the body, and each fault has the protocol\'s shape', () => {
  assert.deepEqual([ask('n').status, ask('n').json], [404, { error: "Request for unknown model: 'n' is not found" }]);
  assert.deepEqual([ask('m', {}, { version: '9' }).status, ask('m', { 'inference-header-content-length': '-1' }).status, ask('m', { 'tradewind-priority': 'x' }).status], [404, 400, 400]);
  assert.equal(ask('m', {}, { more: { access: { refusal: () => ({ code: 'unauthenticated', message: 'who' }) } }, body: BODY }).status, 200, 'a model without guards is open');
  assert.equal(ask('m', {}, { more: { maxOpenPerConnection: 0 }, body: BODY }).status, 503);
});

test('what is refused before it is a query is counted, once, by its code; what a query comes to is not', () => {
  const counted = (code: string, ...asked: Parameters<typeof ask>): number => ask(...asked).world.meter.value('tradewind_refused_total', { code });
  assert.equal(counted('unknown_model', 'n'), 1);
  assert.equal(counted('malformed_request', 'm', { 'inference-header-content-length': '-1' }), 1);
  assert.equal(counted('wrong_shape', 'm', {}, { body: BODY.replace('[1,2]}', '[1]}') }), 1);
  assert.equal(counted('invalid_field', 'm', {}, { body: BODY.replace('{', '{"outputs":[{"name":"none"}],') }), 1);
  assert.equal(counted('invalid_slo', 'm', {}, { body: BODY.replace('{', '{"parameters":{"timeout":-1},') }), 1);
  assert.equal(counted('no_replica', 'unknown', {}, { body: BODY }), 0);
});

test('what headers say reaches the query, and parameters win over it', () => {
  const { world } = ask('m', { 'tradewind-slo-ms': '7', 'tradewind-priority': 'critical' }, { body: BODY.replace('{', '{"parameters":{"timeout":9000},') });
  assert.deepEqual([world.queries[0]?.sloMicros, world.queries[0]?.priority], [9_000, 0]);
  assert.equal(ask('m', {}, { body: BODY.replace('{', '{"parameters":{"priority":-1},') }).status, 400);
});

test('a raw request, and one for a name whose inputs nobody knows yet', () => {
  const raw = ask('m', { 'inference-header-content-length': '0' }, { body: Uint8Array.of(1, 2, 3, 4) });
  assert.deepEqual([raw.status, raw.world.queries[0]?.rows, raw.headers.get('content-type')], [200, 2, 'application/octet-stream']);
  assert.deepEqual([...Buffer.from(raw.body, 'latin1').subarray(Number(raw.headers.get('inference-header-content-length')))], [1, 2, 3, 4]);
  const unknown = ask('unknown', {}, { body: BODY });
  assert.deepEqual([unknown.status, unknown.json], [503, { error: 'No replica of the model is ready.' }]);
  const json = '{"inputs":[{"name":"x","shape":[3,2],"datatype":"INT8","parameters":{"binary_data_size":6}}]}';
  const binary = ask('unknown', { 'inference-header-content-length': String(json.length) }, { body: Buffer.concat([Buffer.from(json), Buffer.alloc(6, '{')]) });
  const alone = ask('unknown', { 'inference-header-content-length': '0' }, { body: Uint8Array.of(1, 2, 3, 4) });
  assert.deepEqual([unknown, binary, alone].map(({ status, world }) => [status, world.unparsed.map(({ rows }) => rows)]), [[503, [1]], [503, [3]], [503, [1]]]);
});

test('a fault of ours before the body is begun is answered, and told', () => {
  const fault = new Error('a fault on purpose');
  const told: unknown[] = [];
  const { status, json } = ask('m', {}, { more: { served: { find: () => { throw fault; }, list: () => [] }, onFault: (thrown) => told.push(thrown) } });
  assert.deepEqual([status, json, told], [500, { error: 'A fault of the broker.' }, [fault]]);
});

test('a door that drains says so in every answer', () => {
  assert.equal(ask('m', {}, { body: BODY, more: { draining: () => true } }).headers.get('connection'), 'close');
  assert.equal(ask('n', {}, { more: { draining: () => true } }).headers.get('connection'), 'close');
});
