import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { OpenBodies } from '../../../../../frontend/http/exchange/open-bodies.ts';
import { tfsPlugin } from '../../../../../frontend/http/tfs/plugin.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { openDoor, post, RawClient, type OpenDoor } from '../../../../support/http-door.ts';
import { rawOutputs, servedModel, tfsWorld, type TfsWorld } from '../../../../support/tfs-world.ts';

const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
const Y: TensorSpec = { name: 'y', dtype: 'float32', shape: [] };
const MODELS = [servedModel('scores', [X], rawOutputs('probabilities', X)), servedModel('number', [Y], rawOutputs('value', Y)), servedModel('unknown', undefined, undefined)];

interface Tfs extends OpenDoor {
  readonly world: TfsWorld;
  ask(path: string, body?: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; text: string; headers: Headers }>;
}

async function open(more: { readonly maxBodyBytes?: number; readonly maxJsonBytes?: number; readonly bodies?: OpenBodies } = {}): Promise<Tfs> {
  const world = tfsWorld(MODELS);
  const clock = new RealClock();
  const plugin = tfsPlugin({ ...world, clock, maxBodyBytes: 10_000, maxJsonBytes: 10_000, maxOpenPerConnection: 8, bodies: new OpenBodies(20_000), draining: () => false, onFault: (fault) => { throw fault; }, ...more });
  const door = await openDoor({ plugins: [plugin] });
  return {
    ...door, world,
    ask: async (path, body, headers = {}) => {
      const answer = await fetch(door.url(path), { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    },
  };
}
async function end(door: Tfs): Promise<void> {
  const { world } = door;
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
  assert.equal(world.slabs.usedSlabs, 0);
  assert.equal(world.calls.open, 0);
}

test('predict, classify and regress, whatever the content type says', async () => {
  const door = await open();
  for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'application/x-www-form-urlencoded' }]) {
    const { status, text, headers: said } = await door.ask('/v1/models/scores:predict', '{"instances":[[0.25,0.75]]}', headers);
    assert.deepEqual([status, text, said.get('content-type'), said.get('tradewind-source'), said.get('tradewind-version')], [200, '{"predictions":[[0.25,0.75]]}', 'application/json', 'model', '2']);
  }
  assert.equal((await door.ask('/v1/models/scores/versions/1:predict', '{"inputs":{"x":[[0.25,0.75]]}}')).text, '{"outputs":[[0.25,0.75]]}');
  assert.equal((await door.ask('/v1/models/scores/labels/stable:classify', '{"examples":[{"x":[0.25,0.75]}]}')).text, '{"results":[[["0",0.25],["1",0.75]]]}');
  assert.equal((await door.ask('/v1/models/number:regress', '{"examples":[{"y":4},{"y":5.5}]}')).text, '{"results":[4.0,5.5]}');
  assert.deepEqual(door.world.queries.slice(3, 5).map(({ pin }) => pin), [{ model: 'scores', version: 1 }, { model: 'scores', version: 'stable' }]);
  await end(door);
});

test('an answer with more than JSON may hold is refused, and leaves no memory', async () => {
  const door = await open({ maxJsonBytes: 8 });
  const { status, text } = await door.ask('/v1/models/scores:predict', '{"instances":[[1,2],[3,4]]}');
  assert.deepEqual([status, JSON.parse(text)], [400, { error: 'The outputs have 16 bytes; JSON may hold 8. Over gRPC there is no such bound.' }]);
  assert.equal((await door.ask('/v1/models/scores:predict', '{"instances":[[1,2]]}')).status, 200);
  await end(door);
});

test('of a model whose inputs nobody knows yet as many rows are asked as came', async () => {
  const door = await open();
  for (const [method, body] of [
    ['predict', '{"instances":[[1,2],[3,4],[5,6]]}'], ['predict', '{"inputs":{"a":[1,2],"b":["x","y"]}}'], ['predict', '{"inputs":[[1],[2],[3],[4]]}'], ['classify', '{"examples":[{"x":1},{"x":2}]}'],
  ] as const) assert.equal((await door.ask(`/v1/models/unknown:${method}`, body)).status, 503, body);
  assert.deepEqual(door.world.unparsed.map(({ rows }) => rows), [3, 2, 4, 2]);
  assert.equal((await door.ask('/v1/models/unknown:predict', '{"instances":[[1,2]')).status, 400);
  await end(door);
});

test('headers say the objective, the context and the priority', async () => {
  const door = await open();
  await door.ask('/v1/models/scores:predict', '{"instances":[[1,2]]}', { 'tradewind-slo-ms': '50', 'tradewind-context': '{"user":"ann"}', 'tradewind-priority': 'critical' });
  const [query] = door.world.queries;
  assert.deepEqual([query?.sloMicros, query?.context, query?.priority], [50_000, { user: 'ann' }, 0]);
  await end(door);
});

test('status and metadata', async () => {
  const door = await open();
  assert.match((await door.ask('/v1/models/scores')).text, /"AVAILABLE"/);
  assert.match((await door.ask('/v1/models/scores/versions/1')).text, /"version": "1"/);
  assert.match((await door.ask('/v1/models/scores/metadata')).text, /"tensorflow\/serving\/predict"/);
  await end(door);
});

test('every refusal is one text with the status that the protocol has', async () => {
  const door = await open();
  const asked: readonly (readonly [string, string | undefined, number, string, Readonly<Record<string, string>>?])[] = [
    ['/v1/models', undefined, 400, 'Missing model name in request.'],
    ['/v1/models/nope', undefined, 404, 'Could not find any versions of model nope'],
    ['/v1/models/scores/versions/9', undefined, 404, 'Could not find version 9 of model scores'],
    ['/v1/models/nope/metadata', undefined, 404, 'Servable not found for request: Latest(nope)'],
    ['/v1/models/scores/x/y', undefined, 400, 'Malformed request: GET /v1/models/scores/x/y'],
    ['/v1/models/nope:predict', '{}', 404, 'Servable not found for request: Latest(nope)'],
    ['/v1/models/scores/versions/9:predict', '{}', 404, 'Servable not found for request: Specific(scores, 9)'],
    ['/v1/models/scores/labels/x:predict', '{}', 400, 'Unrecognized servable version label: x'],
    ['/v1/models/scores:explain', '{}', 400, 'Malformed request: POST /v1/models/scores:explain'],
    ['/v1/models/scores:predict', '', 400, 'JSON Parse error: The document is empty'],
    ['/v1/models/scores:predict', '{"instances":[[1,2]],"signature_name":"x"}', 400, 'Serving signature name: "x" not found in signature def'],
    ['/v1/models/scores:predict', '{"instances":[[1,2]],"output_filter":["z"]}', 400, 'output tensor alias not found in signature: z Outputs expected to be in the set {x}.'],
    ['/v1/models/scores:regress', '{"examples":[{"x":[1,2]}]}', 400, 'Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/predict'],
    ['/v1/models/scores:classify', '{"examples":[{"z":1}]}', 400, 'Example 0: Feature: x (data type: float32) is required but could not be found.'],
    ['/v1/models/scores:classify', '{}', 400, "When method is classify, key 'examples' is expected and was not found"],
    ['/v1/models/scores:predict', '{"instances":[[1,2]]}', 400, 'tradewind-priority: expected critical, normal, sheddable.', { 'tradewind-priority': 'x' }],
    ['/v1/models/scores:predict', '{"instances":[[1,2]]}', 400, 'The latency objective is NaN ms; expected 1 to 60000.', { 'tradewind-slo-ms': 'soon' }],
    ['/v1/models/unknown:predict', '{"instances":[[1,2]]}', 503, 'No replica of the model is ready.'],
    ['/v1/models/scores:predict', `{"instances":[[${'1'.repeat(10_000)},2]]}`, 413, 'The body may have at most 10000 bytes.'],
  ];
  for (const [path, body, status, message, headers] of asked) {
    const answer = await door.ask(path, body, headers);
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [status, { error: message }], `${path} ${body?.slice(0, 60)}`);
  }
  await end(door);
});

test('what the road refuses keeps its status, and is told when to come again', async () => {
  const door = await open();
  door.world.respond = ({ slot }) => ({ slot, latencyMicros: 1, decisionId: 'd9', ok: false, failure: { code: 'queue_full', message: 'The queue of the model is full.', retryAfterMs: 1500 } });
  const { status, text, headers } = await door.ask('/v1/models/scores:predict', '{"instances":[[1,2]]}');
  assert.deepEqual([status, text, headers.get('retry-after'), headers.get('tradewind-decision-id')], [503, '{ "error": "The queue of the model is full." }', '2', 'd9']);
  await end(door);
});

test('a body may come in pieces; a client that leaves is taken back', async () => {
  const door = await open();
  const body = '{"instances":[[1,2]]}';
  const slow = await RawClient.connect(door.port);
  const request = post('/v1/models/scores:predict', body);
  slow.write(request.slice(0, -10));
  await door.ask('/v1/models/scores');
  slow.write(request.slice(-10));
  assert.match(await slow.until(/predictions.*\}/), /\{"predictions":\[\[1\.0,2\.0\]\]\}/);
  slow.socket.destroy();

  const asked = new Promise<void>((resolve) => {
    door.world.respond = () => {
      resolve();
      return undefined;
    };
  });
  const leaver = await RawClient.connect(door.port);
  leaver.write(post('/v1/models/scores:predict', body));
  await asked;
  leaver.socket.resetAndDestroy();
  while (door.world.calls.open > 0) await door.ask('/v1/models/scores');
  assert.equal(door.world.cancelled.length, 1);

  const half = await RawClient.connect(door.port);
  half.write(post('/v1/models/scores:predict', body).slice(0, -10));
  await door.ask('/v1/models/scores');
  half.socket.resetAndDestroy();
  await end(door);
});

test('a parser that read a faulty body serves one request at a time again', async () => {
  const door = await open();
  for (const body of ['{"instances":[[1]]}', '{', '{"instances":[[1,2]],"signature_name":"other"}']) await door.ask('/v1/models/scores:predict', body);
  const rows = ['[1,2]', '[3,4]'];
  const clients = await Promise.all(rows.map(() => RawClient.connect(door.port)));
  const requests = rows.map((row) => post('/v1/models/scores:predict', `{"instances":[${row}]}`));
  for (const [i, client] of clients.entries()) client.write(requests[i]?.slice(0, -6) ?? '');
  await door.ask('/v1/models/scores');
  for (const [i, client] of clients.entries()) client.write(requests[i]?.slice(-6) ?? '');
  assert.match(await clients[0]?.until(/\}$/) ?? '', /\{"predictions":\[\[1\.0,2\.0\]\]\}/);
  assert.match(await clients[1]?.until(/\}$/) ?? '', /\{"predictions":\[\[3\.0,4\.0\]\]\}/);
  for (const client of clients) client.socket.destroy();
  await end(door);
});

test('as many queries as may wait do; the next is refused', async () => {
  const door = await open();
  let waiting = 0;
  const all = new Promise<void>((resolve) => {
    door.world.respond = () => {
      if (++waiting === 4) resolve();
      return undefined;
    };
  });
  const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(door.port)));
  for (const client of clients) client.write(post('/v1/models/scores:predict', '{"instances":[[1,2]]}'));
  await all;
  assert.equal((await door.ask('/v1/models/scores:predict', '{"instances":[[1,2]]}')).status, 503);
  for (const { slot } of door.world.queries.slice(0, 4)) door.world.answer({ slot, latencyMicros: 1, ok: false, failure: { code: 'expired_in_queue', message: 'late' } });
  for (const client of clients) {
    assert.match(await client.until(/late/), /^HTTP\/1\.1 504 /);
    client.socket.destroy();
  }
  await end(door);
});

test('bodies may come in gzip or deflate; what they inflate to is bounded', async () => {
  const door = await open();
  const ask = async (bytes: Buffer<ArrayBuffer>, coding: string): Promise<string> => {
    const answer = await fetch(door.url('/v1/models/scores:predict'), { method: 'POST', body: bytes, headers: { 'content-encoding': coding } });
    return `${answer.status} ${await answer.text()}`;
  };
  const body = '{"instances":[[1,2]]}';
  assert.equal(await ask(gzipSync(body), 'gzip'), '200 {"predictions":[[1.0,2.0]]}');
  assert.equal(await ask(deflateSync(body), 'deflate'), '200 {"predictions":[[1.0,2.0]]}');
  assert.equal(await ask(Buffer.from(body), 'gzip'), '400 { "error": "The body cannot be inflated." }');
  assert.equal(await ask(gzipSync(body).subarray(0, 20), 'gzip'), '400 { "error": "The body cannot be inflated." }');
  assert.equal(await ask(Buffer.from(body), 'br'), '400 { "error": "Bodies are taken as they are, or in gzip or deflate." }');
  assert.equal(await ask(gzipSync(`{"instances":[[1,${' '.repeat(50_000_000)}2]]}`), 'gzip'), '413 { "error": "The body may have at most 10000 bytes." }');
  await end(door);
});
