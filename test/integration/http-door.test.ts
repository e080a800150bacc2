import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { RouteEntry } from '../../frontend/http/route-table.ts';
import { BrokerError } from '../../frontend/domain/errors.ts';
import { OPEN_ACCESS } from '../support/open-access.ts';
import { HttpDoor } from '../../frontend/http/server.ts';
import { appView, FOUR_FLOATS, type OpenDoor, openDoor, post, RawClient } from '../support/http-door.ts';

let door: OpenDoor;
before(async () => {
  door = await openDoor();
});
after(async () => {
  assert.deepEqual(door.faults, []);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

const JSON_TYPE = { 'content-type': 'application/json' };

async function predict(body: string | Uint8Array, headers: Readonly<Record<string, string>> = JSON_TYPE, path = '/v1/apps/sum/predict'): Promise<Response> {
  return fetch(door.url(path), { method: 'POST', headers, body });
}
async function refusalOf(reply: Response): Promise<[number, string, string | undefined]> {
  const { error } = (await reply.json()) as { error: { code: string; path?: string } };
  return [reply.status, error.code, error.path];
}

test('a prediction goes in as JSON and comes out as JSON', async () => {
  const reply = await predict('{"input":[1,2,3,4.5]}');
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.match(await reply.text(), /^\{"decision_id":"d\d+","output":10\.5,"model":"m","version":1,"source":"model","latency_ms":1\.234\}$/);
});

test('what the body says reaches the query, and the deadline is arrival plus SLO', async () => {
  await predict('{"inputs":[[1,2,3,4],[5,6,7,8]],"slo_ms":12.5,"context":{"user":"u"},"model":"m","version":"stable","explain":true}');
  const query = door.road.queries.at(-1);
  assert.deepEqual([query?.rows, query?.many, query?.sloMicros, query?.context, query?.pin, query?.explain], [2, true, 12_500, { user: 'u' }, { model: 'm', version: 'stable' }, true]);
  assert.equal(query?.deadlineAtMicros, (query?.arrivedAtMicros ?? 0) + 12_500);
  await predict('{"input":[1,2,3,4]}');
  const plain = door.road.queries.at(-1);
  assert.deepEqual([plain?.sloMicros, plain !== undefined && 'context' in plain, plain !== undefined && 'pin' in plain], [100_000, false, false]);
  assert.deepEqual(structuredClone(plain)?.batchKey, query?.batchKey);
});

test('binary in and out: elements in the body, everything else in headers and query', async () => {
  const body = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer);
  const headers = { 'content-type': 'application/octet-stream', accept: 'application/octet-stream', 'tradewind-shape': '2,4', 'tradewind-context': '{"user":"u"}' };
  const reply = await predict(body, headers, '/v1/apps/sum/predict?slo_ms=7&version=3');
  assert.deepEqual(new Float64Array(await reply.arrayBuffer()), new Float64Array([10, 26]));
  assert.deepEqual(['dtype', 'shape', 'model', 'version', 'source', 'latency-ms'].map((name) => reply.headers.get(`tradewind-${name}`)), ['float64', '2', 'm', '1', 'model', '1.234']);
  const query = door.road.queries.at(-1);
  assert.deepEqual([query?.sloMicros, query?.pin, query?.context], [7000, { version: 3 }, { user: 'u' }]);
});

test('a client that takes binary gets JSON where the answer has no binary form', async () => {
  const reply = await predict('{"input":1}', { ...JSON_TYPE, accept: 'application/octet-stream' }, '/v1/apps/unknown-inputs/predict');
  assert.deepEqual([reply.headers.get('content-type'), await reply.text()], ['application/json; charset=utf-8', '{"decision_id":"d0","output":-1,"source":"default","reason":"no_replica","latency_ms":0.01}']);
});

test('an app whose inputs nobody knows yet misses for want of a replica, whatever the rows are; what cannot be right is refused', async () => {
  for (const body of ['{"input":[1]}', '{"input":{"a":"b"},"slo_ms":5}']) await (await predict(body, JSON_TYPE, '/v1/apps/unknown-inputs/predict')).text();
  assert.deepEqual(door.road.unparsed.slice(-2).map(({ app, rows, reason }) => [app, rows, reason]), [['unknown-inputs', 1, 'no_replica'], ['unknown-inputs', 1, 'no_replica']]);
  const many = await (await predict('{"inputs":[1,[2,3],"4"]}', JSON_TYPE, '/v1/apps/unknown-inputs/predict')).json() as { outputs?: unknown };
  assert.deepEqual(many.outputs, [-1, -1, -1]);
  for (const [body, expected] of [
    ['not JSON at all', [400, 'not_json', undefined]], ['{}', [400, 'missing_input', 'input']], ['{"instances":[1]}', [400, 'unknown_field', 'instances']],
    ['{"inputs":[]}', [400, 'empty_inputs', 'inputs']], ['{"input":1,"slo_ms":"fast"}', [400, 'invalid_slo', 'slo_ms']],
  ] as const) assert.deepEqual(await refusalOf(await predict(body, JSON_TYPE, '/v1/apps/unknown-inputs/predict')), expected, body);
});

test('each fault has its own code and place', async () => {
  const binary = { 'content-type': 'application/octet-stream' };
  for (const [body, headers, query, expected] of [
    ['', JSON_TYPE, '', [400, 'not_json', undefined]],
    ['{"input":[1,2,3,4]', JSON_TYPE, '', [400, 'not_json', undefined]],
    ['{"input":[1,2,3]}', JSON_TYPE, '', [400, 'wrong_shape', 'input']],
    ['{"input":[1,2,3,1e999]}', JSON_TYPE, '', [400, 'not_finite', 'input[3]']],
    ['{"input":[1,2,3,4],"slo_ms":"fast"}', JSON_TYPE, '', [400, 'invalid_slo', 'slo_ms']],
    ['{"input":[1,2,3,4]}', JSON_TYPE, '?slo_ms=0', [400, 'invalid_slo', 'slo_ms']],
    ['{"input":[1,2,3,4]}', JSON_TYPE, '?slow_ms=1', [400, 'unknown_field', '?slow_ms']],
    ['{"input":[1,2,3,4]}', JSON_TYPE, '?shape=4', [400, 'invalid_field', '?shape']],
    [new Uint8Array(15), binary, '', [400, 'wrong_shape', 'input']],
    [new Uint8Array(16), binary, '?dtype=int32', [400, 'wrong_dtype', 'dtype']],
    [new Uint8Array(16), binary, '?slo_ms=70000', [400, 'invalid_slo', 'slo_ms']],
    ['x', { 'content-type': 'text/plain' }, '', [415, 'unsupported_media_type', undefined]],
    ['x', { 'content-type': 'application/x-www-form-urlencoded' }, '', [415, 'unsupported_media_type', undefined]],
  ] as const) assert.deepEqual(await refusalOf(await predict(body, headers, `/v1/apps/sum/predict${query}`)), expected, `${String(body)} ${query}`);
  assert.equal(door.slabs.usedSlabs, 0);
});

test('refusals are counted by code', async () => {
  const counted = door.meter.value('tradewind_refused_total', { code: 'unknown_app' });
  assert.deepEqual((await refusalOf(await predict('{}', JSON_TYPE, '/v1/apps/none/predict'))).slice(0, 2), [404, 'unknown_app']);
  assert.equal(door.meter.value('tradewind_refused_total', { code: 'unknown_app' }), counted + 1);
});

test('a failed query has the status of the table, says when to come again, and keeps its receipt', async () => {
  const pending = predict('{"input":[1,2,3,4]}', JSON_TYPE, '/v1/apps/held/predict');
  await door.road.until(() => door.road.waiting.length === 1);
  const query = door.road.waiting[0];
  door.road.answer(query, { slot: query?.slot ?? -1, latencyMicros: 5, decisionId: 'd', ok: false, failure: { code: 'queue_full', message: 'Full.', retryAfterMs: 1500 } });
  const reply = await pending;
  assert.deepEqual([reply.status, reply.headers.get('retry-after')], [503, '2']);
  const { error } = (await reply.json()) as { error: Record<string, unknown> };
  delete error['request_id'];
  assert.deepEqual(error, { code: 'queue_full', message: 'Full.', retryable: true, decision_id: 'd', retry_after_ms: 1500 });
});

test('answers give their slabs back, and come in one piece however large', async () => {
  const pending = predict('{"input":[1,2,3,4]}', JSON_TYPE, '/v1/apps/held/predict');
  await door.road.until(() => door.road.waiting.length === 1);
  const query = door.road.waiting[0];
  const span = door.slabs.allocate(400_000);
  new Float32Array(span.slab.bytes.buffer, span.slab.bytes.byteOffset, 100_000).fill(0.1);
  const tensors = [{ name: 'p', dtype: 'float32' as const, shape: [100_000], slab: span.slab, offset: 0, lengthBytes: 400_000 }];
  door.road.answer(query, { slot: query?.slot ?? -1, latencyMicros: 5, ok: true, source: 'model', rows: [{ source: 'model', output: { kind: 'tensors', tensors } }] });
  const { output } = (await (await pending).json()) as { output: number[] };
  assert.deepEqual([output.length, new Set(output)], [100_000, new Set([0.1])]);
  assert.equal(door.slabs.usedSlabs, 0);
});

test('request ids: a sane one comes back, others are made, in answers and refusals', async () => {
  const given = await predict('{"input":[1,2,3,4]}', { ...JSON_TYPE, 'x-request-id': 'mine-1' });
  assert.equal(given.headers.get('x-request-id'), 'mine-1');
  const made = await fetch(door.url('/nothing'), { headers: { 'x-request-id': 'not sane' } });
  const id = made.headers.get('x-request-id');
  assert.match(id ?? '', /^test-/);
  assert.equal(((await made.json()) as { error: { request_id: string } }).error.request_id, id);
});

test('every route that is served is documented, and the reverse', async () => {
  const served: string[] = [];
  const extra: RouteEntry = { method: 'PUT', path: '/things/{name}', operationId: 'putThing', tag: 't', summary: 's', parameters: [], replies: [], errors: [] };
  const second = await openDoor({
    plugins: [{
      routes: [extra],
      register: async (scope: FastifyInstance) => {
        scope.put('/things/:name', async () => { throw new BrokerError('stale_etag', 'Now 4.', { details: [4] }); });
      },
    }],
  });
  const reply = await fetch(second.url('/things/a'), { method: 'PUT', headers: JSON_TYPE, body: '{}' });
  assert.deepEqual([reply.status, ((await reply.json()) as { error: { details: unknown } }).error.details], [412, [4]]);
  const { paths } = (await (await fetch(second.url('/openapi.json'))).json()) as { paths: Record<string, Record<string, unknown>> };
  for (const [path, operations] of Object.entries(paths)) {
    const wrong = await fetch(second.url(path.replace('{app}', 'sum').replace('{name}', 'a')), { method: 'DELETE' });
    assert.equal(wrong.status, 405, path);
    await wrong.text();
    served.push(...(wrong.headers.get('allow') ?? '').split(', ').filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`));
    for (const method of Object.keys(operations)) assert.ok(served.includes(`${method.toUpperCase()} ${path}`), `${method} ${path}`);
  }
  assert.deepEqual(served.sort(), ['GET /healthz', 'GET /metrics', 'GET /openapi.json', 'GET /readyz', 'POST /v1/apps/{app}/predict', 'PUT /things/{name}']);
  await second.end();
});

test('a fault of ours is 500 with an id that the log has too, and nothing else', async () => {
  const faulty = await openDoor({ health: { readiness: () => { throw new Error('secret'); }, metrics: async () => ({ contentType: 'text/plain', text: '' }) } });
  const reply = await fetch(faulty.url('/readyz'));
  const text = await reply.text();
  assert.deepEqual([reply.status, text.includes('secret'), faulty.faults.length], [500, false, 1]);
  await faulty.end();
});

test('a fault while one request is served is told, answered 500, and touches no other', async () => {
  const faulty = await openDoor();
  const send = () => fetch(faulty.url('/v1/apps/held/predict'), { method: 'POST', headers: JSON_TYPE, body: '{"input":[1,2,3,4]}' });
  const pending = [send(), send()];
  await faulty.road.until(() => faulty.road.waiting.length === 2);
  const [first] = faulty.road.waiting;
  // An answer without rows can only come of a bug.
  faulty.road.answer(first, { slot: first?.slot ?? -1, latencyMicros: 1, ok: true, source: 'model', rows: [] });
  faulty.road.answer();
  const replies = await Promise.all(pending);
  assert.deepEqual(replies.map(({ status }) => status).toSorted((a, b) => a - b), [200, 500]);
  for (const reply of replies) await reply.text();
  assert.equal(faulty.faults.length, 1);
  faulty.road.submit = () => { throw new Error('bug'); };
  assert.deepEqual((await refusalOf(await send())).slice(0, 2), [500, 'internal']);
  assert.equal(faulty.faults.length, 2);
  assert.deepEqual((await faulty.end()).open, 0);
});

test('the number of open requests is bounded, and past it they are refused at once', async () => {
  const apps = new Map([['held', appView('held', FOUR_FLOATS)]]);
  const small = await openDoor({ limits: { openQueries: 2 }, apps: { app: (name) => apps.get(name) } });
  const send = () => fetch(small.url('/v1/apps/held/predict'), { method: 'POST', headers: JSON_TYPE, body: '{"input":[1,2,3,4]}' });
  const held = [send(), send()];
  await small.road.until(() => small.road.waiting.length === 2);
  const third = await send();
  assert.deepEqual((await refusalOf(third)).slice(0, 2), [503, 'overloaded']);
  for (const query of [...small.road.waiting]) small.road.answer(query);
  for (const reply of await Promise.all(held)) assert.equal(((await reply.json()) as { output: number }).output, 10);
  assert.deepEqual(await small.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('bodies together may hold so much memory and no more', async () => {
  const small = await openDoor({ limits: { bodyBytes: 1000, openBodyBytes: 1000 } });
  const client = await RawClient.connect(small.port);
  client.write(`POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n${' '.repeat(800)}`);
  while (small.door.open === 0) await (await fetch(small.url('/healthz'))).text();
  const reply = await fetch(small.url('/v1/apps/sum/predict'), { method: 'POST', headers: JSON_TYPE, body: `{"input":[1,2,3,4]}${' '.repeat(300)}` });
  assert.deepEqual((await refusalOf(reply)).slice(0, 2), [503, 'overloaded']);
  client.socket.destroy();
  while (small.door.open > 0) await (await fetch(small.url('/healthz'))).text();
  const again = await fetch(small.url('/v1/apps/sum/predict'), { method: 'POST', headers: JSON_TYPE, body: '{"input":[1,2,3,4]}' });
  assert.equal(again.status, 200);
  await again.text();
  assert.deepEqual(await small.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('draining: not ready, answers close their connections, what is open is answered, then the port is free', async () => {
  const draining = await openDoor();
  const client = await RawClient.connect(draining.port);
  client.write(post('/v1/apps/held/predict', '{"input":[1,2,3,4]}'));
  await draining.road.until(() => draining.road.waiting.length === 1);
  draining.door.stopAccepting();
  const ready = await fetch(draining.url('/readyz'));
  assert.deepEqual([ready.status, ready.headers.get('connection'), await ready.json()], [503, 'close', { ready: false, draining: true, missing: [] }]);
  const closing = draining.door.close(10_000);
  draining.road.answer();
  const text = await client.ended();
  assert.match(text, /\r\nconnection: close\r\n/i);
  assert.match(text, /"output":10/);
  assert.equal(await closing, 0);
  await assert.rejects(RawClient.connect(draining.port), { code: 'ECONNREFUSED' });
  assert.deepEqual([draining.slabs.usedSlabs, draining.clock.pending], [0, 0]);
});

for (const [way, request] of Object.entries({
  'in the lane': post('/v1/apps/held/predict', '{"input":[1,2,3,4]}'),
  'of node:http': 'POST /v1/apps/held/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{"input":[1,2,3,4]}\r\n0\r\n\r\n',
  'of a route': 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n',
})) {
  test(`draining: who pipelines gets the whole of its last answer, though it sends on: ${way}`, async () => {
    // More than the client's machine takes while the client does not read.
    const large = 'x'.repeat(400_000);
    const draining = await openDoor({ health: { readiness: () => ({ ready: true, missing: [] }), metrics: async () => ({ contentType: 'text/plain', text: large }) } });
    const client = await RawClient.connect(draining.port);
    const goesOn = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) await (await fetch(draining.url('/healthz'))).text();
    };
    client.socket.pause();
    draining.door.stopAccepting();
    client.write(request);
    if (request.startsWith('POST')) {
      await draining.road.until(() => draining.road.waiting.length === 1);
      const [query] = draining.road.waiting;
      assert.ok(query !== undefined);
      for (const { slab } of query.columns) draining.slabs.release(slab);
      draining.road.answer(query, { slot: query.slot, latencyMicros: 1, decisionId: 'd', ok: true, source: 'model', model: 'm', version: 1, rows: [{ source: 'model', output: { kind: 'json', json: large } }] });
    }
    await goesOn();
    client.write(request);
    await goesOn();
    client.socket.resume();
    const text = await client.ended();
    assert.match(text.slice(0, 1000), /\r\nconnection: close\r\n/i);
    assert.equal(text.match(/x{100,}/u)?.[0].length, large.length);
    assert.deepEqual(await draining.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
  });
}

test('closing waits no longer than it was told, and says how many answers were lost', async () => {
  const stuck = await openDoor();
  const client = await RawClient.connect(stuck.port);
  client.write(post('/v1/apps/held/predict', '{"input":[1,2,3,4]}'));
  await stuck.road.until(() => stuck.road.waiting.length === 1);
  assert.equal(await stuck.door.close(5), 1);
  await client.ended();
  assert.deepEqual([stuck.road.cancelled.length, stuck.door.open, stuck.slabs.usedSlabs], [1, 0, 0]);
});

test('a port that is in use is told as such', async () => {
  await assert.rejects(unopened().listen({ host: '127.0.0.1', port: door.port }), { code: 'EADDRINUSE' });
});

test('an answer to a slot that does not wait is a fault of the road', async () => {
  assert.throws(() => door.door.answers.answer({ slot: 99, latencyMicros: 0, ok: false, failure: { code: 'internal', message: '' } }), /slot 99/);
});

function unopened(): HttpDoor {
  return new HttpDoor({
    clock: door.clock, meter: door.meter, slabs: door.slabs, apps: { app: () => undefined }, access: OPEN_ACCESS, allowedHosts: [], instance: 'i', version: '0',
    health: { readiness: () => ({ ready: true, missing: [] }), metrics: async () => ({ contentType: 'text/plain', text: '' }) }, onFault: () => {},
  });
}
