import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenBodies } from '../../../../../frontend/http/exchange/open-bodies.ts';
import { tfsPlugin } from '../../../../../frontend/http/tfs/plugin.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import { openDoor } from '../../../../support/http-door.ts';
import { rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const X = { name: 'x', dtype: 'float32' as const, shape: [2] };

test('a request is answered the same by the lane, by node:http, and through the router', async (t) => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  const plugin = tfsPlugin({ ...world, clock: new RealClock(), maxBodyBytes: 10_000, maxJsonBytes: 10_000, maxOpenPerConnection: 8, bodies: new OpenBodies(20_000), draining: () => false, onFault: (fault) => { throw fault; } });
  const door = await openDoor({ plugins: [plugin] });
  t.after(() => door.end());
  const ask = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const answer = await fetch(door.url(path), { method: 'POST', body: '{"instances":[[1,2]]}', headers: { 'x-request-id': 'mine', ...headers } });
    return [answer.status, await answer.text(), answer.headers.get('x-request-id'), answer.headers.get('tradewind-model')];
  };
  const expected = [200, '{"predictions":[[1.0,2.0]]}', 'mine', 'm'];
  assert.deepEqual(await ask('/v1/models/m:predict'), expected);
  assert.deepEqual(await ask('/v1/models/m:predict', { origin: 'http://elsewhere.example' }), expected);
  assert.deepEqual(await ask('/v1/models/m:predict?x=1'), expected);
  assert.deepEqual(await ask('/v1/models/%6d:predict'), expected);
  assert.deepEqual(await ask('/v1/models/m:predict', { 'content-encoding': 'br' }), [400, '{ "error": "Bodies are taken as they are, or in gzip or deflate." }', 'mine', null]);
  assert.deepEqual([world.slabs.usedSlabs, world.calls.open], [0, 0]);
});

test('a fault of ours before the body is begun is answered, whatever way the request comes', async () => {
  const fault = new Error('a fault on purpose');
  const told: unknown[] = [];
  const served = { find: () => { throw fault; }, list: () => [] };
  const plugin = tfsPlugin({ ...tfsWorld([]), served, clock: new RealClock(), maxBodyBytes: 10_000, maxJsonBytes: 10_000, maxOpenPerConnection: 8, bodies: new OpenBodies(20_000), draining: () => false, onFault: (thrown) => told.push(thrown) });
  const door = await openDoor({ plugins: [plugin] });
  for (const [method, path] of [['POST', '/v1/models/m:predict'], ['POST', '/v1/models/%6d:predict'], ['GET', '/v1/models/m']]) {
    const answer = await fetch(door.url(path ?? ''), { method: method ?? '', ...(method === 'POST' ? { body: '{}' } : {}) });
    assert.deepEqual([answer.status, await answer.text()], [500, '{ "error": "A fault of the broker." }']);
  }
  assert.deepEqual(told, [fault, fault, fault]);
  await door.end();
});
