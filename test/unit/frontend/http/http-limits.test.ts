import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HTTP_LIMITS } from '../../../../frontend/http/http-limits.ts';

test('the limits fit together', () => {
  assert.ok(HTTP_LIMITS.headersTimeoutMs <= HTTP_LIMITS.requestTimeoutMs, 'node:http refuses the reverse');
  assert.ok(HTTP_LIMITS.bodyBytes <= HTTP_LIMITS.openBodyBytes, 'a body that is allowed must have room');
  assert.ok(HTTP_LIMITS.openQueriesPerConnection < HTTP_LIMITS.openQueries, 'one connection must not take everything');
  assert.ok(HTTP_LIMITS.keepAliveMs < HTTP_LIMITS.stallMs);
});
