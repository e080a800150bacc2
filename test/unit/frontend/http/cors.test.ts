import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Cors } from '../../../../frontend/http/cors.ts';

const PAGE = 'https://app.example';

function marked(origins: readonly string[], url: string, { method = 'POST', ...headers }: Readonly<Record<string, string | undefined>> = {}): { asked: string; said: Record<string, string> } {
  const said: Record<string, string> = {};
  const request = { method, url, headers: { origin: PAGE, ...headers } } as unknown as IncomingMessage;
  const response = { setHeader: (name: string, value: string) => { said[name] = value; } } as unknown as ServerResponse;
  return { asked: new Cors({ origins, maxAgeSeconds: 60 }).mark(request, response), said };
}

const PREFLIGHT = { method: 'OPTIONS', 'access-control-request-method': 'POST' };

test('a page on the list may read what it asks, and no other page may', () => {
  for (const url of ['/v1/apps/a/predict', '/v1/apps/a/predict?slo_ms=5', '/v1/feedback', '/v1/models/m:predict', '/v1/models/m/versions/2/metadata', '/v2', '/v2/models/m/versions/3/infer', '/v2/health/live']) {
    assert.equal(marked([PAGE], url).said['access-control-allow-origin'], PAGE, url);
    assert.deepEqual(marked([PAGE], url, { origin: 'https://other.example' }), { asked: 'request', said: { vary: 'origin' } }, url);
    assert.deepEqual(marked([], url), { asked: 'request', said: {} });
  }
  assert.equal(marked(['https://App.Example:443'], '/v1/feedback').said['access-control-allow-origin'], PAGE, 'however it is written');
  const { said } = marked(['*'], '/v1/feedback', { origin: 'null' });
  assert.deepEqual([said['access-control-allow-origin'], said['access-control-allow-credentials']], ['*', undefined]);
});

test('no page may operate the broker, whatever is on the list and however the path is written', () => {
  for (const url of ['/admin/apps', '/metrics', '/dashboard/', '/v2/repository/models/m/load', '/v2/%72epository/index', '/v1/apps/a/predict/../../../admin', '/v1/apps/%61/predict', '/healthz', '*']) {
    assert.deepEqual(marked(['*', PAGE], url, PREFLIGHT), { asked: 'request', said: {} }, url);
  }
});

test('a page that asks whether it may is told what it may send, or that it may not', () => {
  const { asked, said } = marked([PAGE], '/v1/apps/a/predict', { ...PREFLIGHT, 'access-control-request-private-network': 'true' });
  assert.equal(asked, 'preflight');
  assert.deepEqual([said['access-control-allow-methods'], said['access-control-max-age'], said['access-control-allow-private-network'], said['vary']], ['GET, POST', '60', 'true', 'origin']);
  for (const header of ['authorization', 'content-type', 'tradewind-slo-ms', 'tradewind-dtype']) assert.ok(said['access-control-allow-headers']?.split(', ').includes(header), header);
  assert.deepEqual(marked([PAGE], '/v1/feedback', { ...PREFLIGHT, origin: 'http://app.example' }), { asked: 'refused', said: { vary: 'origin' } });
  assert.equal(marked([PAGE], '/v1/feedback', { method: 'OPTIONS' }).asked, 'request', 'it asks for nothing');
  assert.equal(marked([PAGE], '/v1/feedback', { ...PREFLIGHT, origin: undefined }).asked, 'request', 'no page asks');
});
