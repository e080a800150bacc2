import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerError } from '../../../../frontend/domain/errors.ts';
import { refusalOf } from '../../../../frontend/http/thrown.ts';

test('our own errors keep what they say', () => {
  assert.deepEqual(refusalOf(new BrokerError('stale_etag', 'It is 3.', { path: 'etag', details: [3] })), { code: 'stale_etag', message: 'It is 3.', path: 'etag', details: [3] });
});

test('what fastify throws becomes a code of the table', () => {
  for (const [thrown, code] of [['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'], ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'], ['FST_ERR_CTP_INVALID_JSON_BODY', 'not_json'], ['FST_ERR_BAD_URL', 'malformed_request']] as const) {
    assert.equal(refusalOf(Object.assign(new Error('x'), { code: thrown })).code, code);
  }
  const validation = Object.assign(new Error('body/replicas must be integer'), { code: 'FST_ERR_VALIDATION', validation: [{ instancePath: '/replicas' }] });
  assert.deepEqual(refusalOf(validation), { code: 'invalid_field', message: 'body/replicas must be integer', path: '/replicas' });
});

test('a body that its client broke off is no fault of ours', () => {
  assert.equal(refusalOf(Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 })).code, 'malformed_request');
  assert.equal(refusalOf(Object.assign(new Error('read'), { code: 'ECONNRESET' })).code, 'internal');
});

test('a body that is not of its coding is called that', () => {
  const message = 'The body cannot be inflated.';
  assert.deepEqual(refusalOf(Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR', statusCode: 400 })), { code: 'malformed_request', message });
  assert.notEqual(refusalOf(Object.assign(new Error('incorrect header check'), { code: 'Z_DATA_ERROR' })).message, message, 'where nobody read a body');
});

test('what nobody foresaw is internal, and says nothing of itself', () => {
  for (const thrown of [new Error('the password is x'), 'the password is x', undefined]) {
    assert.deepEqual(refusalOf(thrown), { code: 'internal', message: 'A fault of the broker.' });
  }
});
