import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../../../frontend/domain/errors.ts';
import { errorBody, errorHead, errorReply } from '../../../../frontend/http/error-reply.ts';

test('a refusal says its code, its message, and where', () => {
  const body = errorBody({ code: 'wrong_shape', message: 'Expected [4].', path: 'inputs[2]' }, 'r-1');
  assert.equal(body, '{"error":{"code":"wrong_shape","message":"Expected [4].","retryable":false,"path":"inputs[2]","request_id":"r-1"}}');
});

test('what else is known stands there too', () => {
  const body = errorBody({ code: 'infeasible', message: 'm', decisionId: 'd', retryAfterMs: 12.2, details: [{ line: 3 }] });
  assert.equal(body, '{"error":{"code":"infeasible","message":"m","retryable":true,"decision_id":"d","retry_after_ms":13,"details":[{"line":3}]}}');
});

test('every code has the status of the table; those that pass say when to come again, in whole seconds of at least one', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const { status, headers } = errorHead({ code, message: '' }, 'größe', 'r');
    assert.equal(status, ERRORS[code].http);
    assert.deepEqual(JSON.parse(errorBody({ code, message: 'm' })).error.retryable, ERRORS[code].retryable, code);
    assert.equal(headers[headers.indexOf('content-length') + 1], '7');
    const retryable = ERRORS[code].retryable && [503, 504].includes(status);
    assert.equal(headers.includes('retry-after'), retryable, code);
  }
  for (const [ms, seconds] of [[0, '1'], [12, '1'], [1000, '1'], [1001, '2'], [60_000, '60']] as const) {
    const { headers } = errorHead({ code: 'queue_full', message: '', retryAfterMs: ms }, '', 'r');
    assert.equal(headers[headers.indexOf('retry-after') + 1], seconds);
  }
});

test('a wrong method is told which are right', () => {
  const { headers } = errorHead({ code: 'method_not_allowed', message: '', allow: ['GET', 'HEAD'] }, '', 'r');
  assert.equal(headers[headers.indexOf('allow') + 1], 'GET, HEAD');
});

test('the whole answer has its length in bytes, its id, and whether it is the last', () => {
  const refusal = { code: 'wrong_shape', message: 'größe' } as const;
  const reply = errorReply(refusal, 'r', true);
  assert.deepEqual([reply.status, reply.body, reply.bodyBytes, reply.last], [400, errorBody(refusal, 'r'), Buffer.byteLength(errorBody(refusal, 'r')), true]);
  assert.deepEqual(reply.headers, errorHead(refusal, errorBody(refusal, 'r'), 'r').headers);
});
