import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { OpenBodies } from '../../frontend/http/exchange/open-bodies.ts';
import { feedbackPlugin } from '../../frontend/http/feedback.ts';
import { oipPlugin } from '../../frontend/http/oip/plugin.ts';
import { tfsPlugin } from '../../frontend/http/tfs/plugin.ts';
import { usedBytes } from '../support/heap.ts';
import { openDoor, RawClient, type OpenDoor } from '../support/http-door.ts';
import { inferDoor } from '../support/infer-door.ts';

/** What a bomb inflates to: far past every bound here, out of half a megabyte. */
const BOMB = gzipSync(Buffer.concat([Buffer.from('{"input":[', 'latin1'), Buffer.alloc(256 * 1024 * 1024, 0x20)]));
const NOISE_BYTES = 8 * 1024 * 1024;
const ROWS = 600;
const INFER = JSON.stringify({ inputs: [{ name: 'x', shape: [ROWS, 2], datatype: 'INT8', data: Array.from({ length: 2 * ROWS }, (_, i) => i % 100) }] });
const PREDICT = '{"input":[1,2,3,4]}';
const JSON_TYPE = { 'content-type': 'application/json' };

/** A door with all protocols; the model `m` of two int8 is behind the foreign ones, the app `sum` behind the native one. */
async function openAll(): Promise<OpenDoor> {
  const { options } = inferDoor();
  const foreign = { ...options, whyUnready: () => ({ kind: 'coming' as const }), maxBodyBytes: 1 << 20, maxJsonBytes: 10_000, bodies: new OpenBodies(1 << 24), draining: () => false };
  return openDoor({
    limits: { bodyBytes: 1 << 20, otherBodyBytes: 1 << 16, headerBytes: 4096 },
    plugins: [
      oipPlugin({ ...foreign, version: '1.0', ready: () => true, statistics: { of: () => [] }, repository: { load: async () => {}, unload: async () => {} }, operators: { caller: () => 'loopback' } }),
      tfsPlugin(foreign),
      feedbackPlugin({ port: { give: async (items: readonly object[]) => items.map(() => ({ kind: 'accepted' as const })), open: 0 } as never, maxItems: 10 }),
    ],
  });
}

async function ask(door: OpenDoor, path: string, body: Uint8Array | string, headers: Readonly<Record<string, string>> = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(door.url(path), { method: 'POST', headers, body: body as NonNullable<RequestInit['body']> });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const SHAPES: readonly (readonly [path: string, refusal: RegExp])[] = [
  ['/v1/apps/sum/predict', /^\{"error":\{"code":"(\w+)"/u], ['/v2/models/m/infer', /^\{"error":"([^"]+)"\}$/u], ['/v1/models/m:predict', /^\{ "error": "([^"]+)" \}$/u], ['/v1/feedback', /^\{"error":\{"code":"(\w+)"/u],
];

test('a small body that inflates to a huge one is refused in the shape of its protocol, and its memory comes back', async () => {
  const door = await openAll();
  assert.ok(BOMB.length < 1 << 19);
  for (const [path] of SHAPES) await ask(door, path, '{}', JSON_TYPE);
  const before = usedBytes();
  for (const [path, shape] of SHAPES) {
    const small = path === '/v1/feedback' ? BOMB.subarray(0, 60_000) : BOMB;
    const { status, text } = await ask(door, path, small, { ...JSON_TYPE, 'content-encoding': 'gzip' });
    assert.deepEqual([status, shape.test(text)], [413, true], `${path}: ${status} ${text}`);
    const none = await ask(door, path, 'this is no gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' });
    assert.deepEqual([none.status, shape.test(none.text)], [400, true], `${path}: ${none.status} ${none.text}`);
    const cut = await ask(door, path, gzipSync(PREDICT).subarray(0, 20), { ...JSON_TYPE, 'content-encoding': 'gzip' });
    assert.equal(cut.status, 400, `${path}: ${cut.text}`);
    assert.equal((await ask(door, '/v1/apps/sum/predict', PREDICT, JSON_TYPE)).status, 200);
  }
  assert.ok(usedBytes() - before < NOISE_BYTES, `${usedBytes() - before} bytes stayed`);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('bodies come in gzip and deflate as they come plain, and large answers go out so to who asks', async () => {
  const door = await openAll();
  for (const [coding, code] of [['gzip', gzipSync], ['deflate', deflateSync]] as const) {
    const headers = { ...JSON_TYPE, 'content-encoding': coding };
    assert.equal((JSON.parse((await ask(door, '/v1/apps/sum/predict', code(PREDICT), headers)).text) as { output: number }).output, 10);
    assert.equal((await ask(door, '/v1/feedback', code('{"decision_id":"d","reward":1}'), headers)).status, 202);
    const plain = await ask(door, '/v2/models/m/infer', INFER, { 'accept-encoding': 'identity' });
    const packed = await ask(door, '/v2/models/m/infer', code(INFER), { 'content-encoding': coding, 'accept-encoding': coding });
    assert.deepEqual([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')], [null, coding]);
    assert.deepEqual((JSON.parse(packed.text) as { outputs: unknown }).outputs, (JSON.parse(plain.text) as { outputs: unknown }).outputs);
    assert.equal(packed.status, 200);
  }
  const raw = await RawClient.connect(door.port);
  raw.write(`POST /v2/models/m/infer HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\nContent-Length: ${INFER.length}\r\n\r\n${INFER}`);
  const answered = await raw.ended();
  const at = answered.indexOf('\r\n\r\n') + 4;
  assert.match(answered.slice(0, at), /content-encoding: gzip/iu);
  assert.equal((JSON.parse(gunzipSync(Buffer.from(answered.slice(at), 'latin1')).toString()) as { model_name: string }).model_name, 'm');
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('what is refused before any route has it is refused in the shape of its protocol', async () => {
  const door = await openAll();
  const said = async (text: string): Promise<[status: number, body: string, head: string]> => {
    const client = await RawClient.connect(door.port);
    client.write(text);
    const answer = await client.ended();
    const at = answer.indexOf('\r\n\r\n');
    return [Number(answer.slice(9, 12)), answer.slice(at + 4), answer.slice(0, at)];
  };
  for (const [path, shape] of SHAPES) {
    const [status, body] = await said(`POST ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    assert.match(body, shape, `wrong host on ${path}`);
    assert.equal(status, path.startsWith('/v1/models') ? 403 : 421);
    const [, tooLong] = await said(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(5000)}\r\n\r\n`);
    assert.match(tooLong, shape, `headers too long on ${path}`);
    const [, malformed] = await said(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n`);
    assert.match(malformed, shape, `malformed on ${path}`);
    const [, none, head] = await said(`HEAD ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    assert.equal(none, '');
    assert.match(head, new RegExp(`content-length: ${body.length}\\b`, 'iu'), `HEAD says what GET would be told on ${path}`);
  }
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});
