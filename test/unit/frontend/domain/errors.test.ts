import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerError, ERRORS, type ErrorRow } from '../../../../frontend/domain/errors.ts';

const ROWS = Object.entries<ErrorRow>(ERRORS);

/** The names of google.rpc.Code. */
const GRPC = new Set([
  'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
]);

test('every row is one that HTTP and gRPC can say', () => {
  for (const [code, row] of ROWS) {
    assert.match(code, /^[a-z0-9]+(_[a-z0-9]+)*$/);
    assert.ok(row.http >= 400 && row.http < 600, `${code}: ${row.http}`);
    assert.ok(GRPC.has(row.grpc), `${code}: ${row.grpc}`);
    assert.ok(row.message.endsWith('.'), `${code}: a message is a sentence`);
  }
});

test('what the caller did wrong is not worth a second try; what the broker lacks is not the caller\'s fault', () => {
  for (const [code, row] of ROWS) {
    if (row.http < 500 && row.http !== 408 && row.http !== 429) assert.equal(row.retryable, false, code);
    if (row.http === 504) assert.equal(row.retryable, true, code);
    if (row.miss && code !== 'poison') assert.ok(row.http >= 500, code);
  }
});

test('the table cannot be changed', () => {
  assert.ok(Object.isFrozen(ERRORS));
});

test('an error speaks with the table\'s words unless it has better ones', () => {
  assert.equal(new BrokerError('unknown_app').message, ERRORS.unknown_app.message);
  const error = new BrokerError('wrong_shape', 'Want [64].', { path: 'inputs[2]', details: [1] });
  assert.deepEqual([error.code, error.message, error.path, error.details], ['wrong_shape', 'Want [64].', 'inputs[2]', [1]]);
  assert.equal('cause' in new BrokerError('internal'), false);
});

test('from keeps ours as it is, and makes `internal` of all else without telling what it was', () => {
  const ours = new BrokerError('queue_full');
  assert.equal(BrokerError.from(ours), ours);
  for (const thrown of [new TypeError('secret'), 'secret', undefined, null, 42]) {
    const error = BrokerError.from(thrown);
    assert.equal(error.code, 'internal');
    assert.equal(error.message, ERRORS.internal.message);
  }
  const cause = new TypeError('x');
  assert.equal(BrokerError.from(cause).cause, cause);
});
