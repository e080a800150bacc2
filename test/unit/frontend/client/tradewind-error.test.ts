import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TradewindError } from '../../../../frontend/client/tradewind-error.ts';
import { ERRORS, type ErrorCode } from '../../../../frontend/domain/errors.ts';
import { errorBody, errorHead } from '../../../../frontend/http/error-reply.ts';

test('every refusal of the broker is read as the table has it', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const refusal = { code, message: 'm', path: 'inputs[1]', decisionId: 'd' };
    const { status } = errorHead(refusal, '');
    const body: unknown = JSON.parse(errorBody(refusal, 'r'));
    const error = TradewindError.fromReply(status, body, null);
    assert.deepEqual([error.code, error.status, error.retryable, error.path, error.decisionId, error.requestId], [code, ERRORS[code].http, ERRORS[code].retryable, 'inputs[1]', 'd', 'r']);
    assert.equal(error.retryAfterMs, (body as { error: { retry_after_ms?: number } }).error.retry_after_ms);
  }
});

test('what no broker says is said so; a gateway that is in trouble may be asked again', () => {
  for (const [status, retryable] of [[404, false], [502, true], [503, true], [200, false]] as const) {
    const error = TradewindError.fromReply(status, undefined, '2');
    assert.deepEqual([error.code, error.retryable, error.retryAfterMs], ['not_tradewind', retryable, 2000]);
  }
  assert.equal(TradewindError.fromReply(503, { error: 'no' }, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterMs, undefined);
  assert.equal(TradewindError.fromReply(503, [], null).retryAfterMs, undefined);
});

test('the faults of what was sent are in the message, a line each', () => {
  const details = [{ path: 'options.python', message: 'is not there', expected: 'a program' }, { message: 'no' }, { id: 7 }, 'x'];
  const error = TradewindError.fromReply(422, { error: { code: 'invalid_config', message: 'Wrong.', details } }, null);
  assert.equal(error.message, 'Wrong.\n  options.python is not there; expected a program\n  here no');
  assert.deepEqual(error.details, details);
});
