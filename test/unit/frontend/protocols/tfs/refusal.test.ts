import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../../../../frontend/domain/errors.ts';
import { httpStatusOf, refuse, statusOf } from '../../../../../frontend/protocols/tfs/refusal.ts';

test('statuses are those of the protocol; what became of an accepted query, and what is too large, keep their own', () => {
  const statuses: readonly (readonly [ErrorCode, number])[] = [
    ['wrong_shape', 400], ['unknown_model', 404], ['unauthenticated', 401], ['forbidden', 403], ['rate_limited', 429], ['body_too_large', 413],
    ['queue_full', 503], ['no_replica', 503], ['slo_unreachable', 503], ['expired_in_queue', 504], ['batch_failed', 500], ['poison', 400], ['internal', 500], ['cancelled', 499],
  ];
  for (const [code, status] of statuses) assert.equal(httpStatusOf(refuse(code, 'x')), status, code);
});

test('a refusal may have a status of its own', () => {
  assert.equal(statusOf(refuse('invalid_field', 'x')), 'INVALID_ARGUMENT');
  const own = refuse('invalid_field', 'x', 'UNIMPLEMENTED');
  assert.equal(statusOf(own), 'UNIMPLEMENTED');
  assert.equal(httpStatusOf(own), 501);
});

test('every code has an HTTP status that the protocol knows', () => {
  const known = new Set([400, 401, 403, 404, 408, 409, 413, 429, 431, 499, 500, 501, 503, 504, 507]);
  for (const code of Object.keys(ERRORS) as ErrorCode[]) assert.ok(known.has(httpStatusOf(refuse(code, 'x'))), code);
});
