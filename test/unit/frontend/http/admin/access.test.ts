import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { OPERATOR, adminCaller } from '../../../../../frontend/http/admin/access.ts';
import type { AdminAccess } from '../../../../../frontend/http/admin/access.ts';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';

const OPEN: AdminAccess = { loopback: true };
const JSON_TYPE = { 'content-type': 'application/json' };
const SECRET = '0123456789abcdef';
const socket = new Socket();

/** Who it is, or the code of the refusal. */
function callerOf(method: string, headers: IncomingHttpHeaders, access = OPEN): string {
  const who = adminCaller({ method, headers, socket }, access);
  return who instanceof BrokerError ? who.code : who;
}

test('on loopback without a token anybody reads, and changes in JSON', () => {
  assert.equal(callerOf('GET', {}), 'loopback');
  assert.equal(callerOf('PUT', { 'content-type': 'application/json; charset=utf-8' }), 'loopback');
  assert.equal(callerOf('PUT', { 'content-type': 'text/plain' }), 'unsupported_media_type');
  assert.equal(callerOf('POST', {}), 'unsupported_media_type');
  assert.equal(callerOf('PUT', { 'content-type': 'application/jsonp' }), 'unsupported_media_type');
});

test('a DELETE without a body needs no type, one with a body does', () => {
  assert.equal(callerOf('DELETE', {}), 'loopback');
  assert.equal(callerOf('DELETE', { 'content-length': '2' }), 'unsupported_media_type');
  assert.equal(callerOf('DELETE', { 'content-type': 'text/plain' }), 'unsupported_media_type');
});

test('changes come from the same origin', () => {
  const change = (headers: IncomingHttpHeaders): string => callerOf('PUT', { ...JSON_TYPE, host: 'localhost:8000', ...headers });
  assert.equal(change({ origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }), 'loopback');
  assert.equal(change({ 'sec-fetch-site': 'none' }), 'loopback');
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { origin: 'http://localhost:9000' }, { origin: '' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal(change(headers), 'cross_origin', JSON.stringify(headers));
  }
  assert.equal(callerOf('GET', { origin: 'http://evil.example' }), 'loopback');
});

test('where there is a token, it is asked for, to read as well, and names whoever has it', () => {
  const access: AdminAccess = { loopback: true, tokens: { size: 1, nameOf: (secret) => (secret === SECRET ? 'ops' : undefined) } };
  assert.equal(callerOf('GET', { authorization: `Bearer ${SECRET}` }, access), 'token:ops');
  assert.equal(callerOf('GET', { authorization: `bearer ${SECRET}` }, access), 'token:ops');
  for (const authorization of [undefined, '', 'Bearer', 'Bearer 0123456789abcdeX', `Basic ${SECRET}`, `Bearer ${SECRET} x`]) {
    assert.equal(callerOf('GET', authorization === undefined ? {} : { authorization }, access), 'unauthenticated');
  }
});

test('off loopback there is no admin without a token, and an empty book is none', () => {
  assert.equal(callerOf('GET', {}, { loopback: false }), 'unauthenticated');
  assert.equal(callerOf('GET', { authorization: 'Bearer x' }, { loopback: false, tokens: { size: 0, nameOf: () => undefined } }), 'unauthenticated');
});

test('whoever comes over the control socket is the operator, and is asked nothing', () => {
  const access: AdminAccess = { loopback: false, tokens: { size: 1, nameOf: () => undefined }, operators: { has: (one) => one === socket } };
  assert.equal(callerOf('PUT', {}, access), OPERATOR);
});
