import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { gate } from '../../../../frontend/http/gate.ts';

const check = gate((host) => host === 'localhost', 1000);

function codeOf(url: string, headers: Readonly<Record<string, string>>, rawHeaders?: readonly string[]): string | undefined {
  const raw = rawHeaders ?? Object.entries(headers).flat();
  return check({ url, headers, rawHeaders: raw } as unknown as IncomingMessage)?.code;
}

test('ordinary requests pass', () => {
  assert.equal(codeOf('/v1/apps/a/predict', { host: 'localhost', 'content-length': '1000' }), undefined);
  assert.equal(codeOf('*', { host: 'localhost', 'content-encoding': 'Identity', 'transfer-encoding': 'Chunked' }), undefined);
});

test('what no route should see is refused, each with its own code', () => {
  assert.equal(codeOf('/', {}), 'wrong_host');
  assert.equal(codeOf('/', { host: 'evil.example' }), 'wrong_host');
  assert.equal(codeOf('/', { host: 'localhost' }, ['Host', 'localhost', 'HOST', 'evil.example']), 'malformed_request');
  assert.equal(codeOf('http://localhost/', { host: 'localhost' }), 'malformed_request');
  assert.equal(codeOf('/', { host: 'localhost', 'content-encoding': 'gzip' }), 'unsupported_media_type');
  assert.equal(codeOf('/', { host: 'localhost', 'transfer-encoding': 'gzip, chunked' }), 'unsupported_media_type');
  assert.equal(codeOf('/', { host: 'localhost', 'content-length': '1001' }), 'body_too_large');
});

test('what takes many numbers takes them compressed, in the codings that are spoken', () => {
  for (const url of ['/v1/apps/a/predict', '/v1/apps/a/predict?slo_ms=5', '/v1/feedback', '/v1/models/m:predict', '/v2/models/m/infer']) {
    assert.equal(codeOf(url, { host: 'localhost', 'content-encoding': 'gzip' }), undefined, url);
    assert.equal(codeOf(url, { host: 'localhost', 'content-encoding': 'br' }), 'unsupported_media_type', url);
    assert.equal(codeOf(url, { host: 'localhost', 'content-encoding': 'gzip, gzip' }), 'unsupported_media_type', url);
  }
  for (const url of ['/admin/apps/a', '/v2/repository/index', '/v1/feedbacks']) assert.equal(codeOf(url, { host: 'localhost', 'content-encoding': 'gzip' }), 'unsupported_media_type', url);
});
