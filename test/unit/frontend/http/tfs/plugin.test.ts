import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tfsPlugin } from '../../../../../frontend/http/tfs/plugin.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import { openDoor } from '../../../../support/http-door.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';
import { rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const X = { name: 'x', dtype: 'float32' as const, shape: [2] };

test('a request is answered the same by the lane, by node:http, and through the router', async (t) => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  const plugin = tfsPlugin({ ...world, clock: new RealClock(), meter: new RecordingMeter(), maxBodyBytes: 10_000, maxOpenPerConnection: 8, maxOpenBodyBytes: 20_000, draining: () => false, onFault: (fault) => { throw fault; } });
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
