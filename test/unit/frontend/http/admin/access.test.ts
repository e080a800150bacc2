import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingHttpHeaders } from 'node:http';
import { adminRefusal } from '../../../../../frontend/http/admin/access.ts';
import type { AdminAccess } from '../../../../../frontend/http/admin/access.ts';

const OPEN: AdminAccess = { loopback: true };
const JSON_TYPE = { 'content-type': 'application/json' };

function codeOf(method: string, headers: IncomingHttpHeaders, access = OPEN): string | undefined {
  return adminRefusal(method, headers, access)?.code;
}

test('on loopback without a token anybody reads, and changes in JSON', () => {
  assert.equal(codeOf('GET', {}), undefined);
  assert.equal(codeOf('PUT', { 'content-type': 'application/json; charset=utf-8' }), undefined);
  assert.equal(codeOf('PUT', { 'content-type': 'text/plain' }), 'unsupported_media_type');
  assert.equal(codeOf('PUT', {}), 'unsupported_media_type');
  assert.equal(codeOf('PUT', { 'content-type': 'application/jsonp' }), 'unsupported_media_type');
});

test('a DELETE without a body needs no type, one with a body does', () => {
  assert.equal(codeOf('DELETE', {}), undefined);
  assert.equal(codeOf('DELETE', { 'content-length': '2' }), 'unsupported_media_type');
  assert.equal(codeOf('DELETE', { 'content-type': 'text/plain' }), 'unsupported_media_type');
});

test('changes come from the same origin', () => {
  const change = (headers: IncomingHttpHeaders): string | undefined => codeOf('PUT', { ...JSON_TYPE, host: 'localhost:8000', ...headers });
  assert.equal(change({ origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }), undefined);
  assert.equal(change({ 'sec-fetch-site': 'none' }), undefined);
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { origin: 'http://localhost:9000' }, { origin: '' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal(change(headers), 'cross_origin', JSON.stringify(headers));
  }
  assert.equal(codeOf('GET', { origin: 'http://evil.example' }), undefined);
});

test('where there is a token, it is asked for, to read as well', () => {
  const access = { loopback: true, token: '0123456789abcdef' };
  assert.equal(codeOf('GET', { authorization: 'Bearer 0123456789abcdef' }, access), undefined);
  assert.equal(codeOf('GET', { authorization: 'bearer 0123456789abcdef' }, access), undefined);
  for (const authorization of [undefined, '', 'Bearer', 'Bearer 0123456789abcdeX', 'Basic 0123456789abcdef', 'Bearer 0123456789abcdef x']) {
    assert.equal(codeOf('GET', authorization === undefined ? {} : { authorization }, access), 'unauthenticated');
  }
});

test('off loopback there is no admin without a token', () => {
  assert.equal(codeOf('GET', {}, { loopback: false }), 'unauthenticated');
});
