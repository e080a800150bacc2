import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { ERRORS } from '../../../../frontend/domain/errors.ts';
import { callFailure, statusNumber } from '../../../../frontend/grpc/grpc-status.ts';

test('every status of the table of errors is one of gRPC\'s', () => {
  for (const { grpc } of Object.values(ERRORS)) assert.equal(status[statusNumber(grpc)], grpc);
  assert.equal(statusNumber('WHATEVER'), status.UNKNOWN);
  assert.deepEqual(callFailure({ code: 'unknown_model', message: 'none' }), { code: status.NOT_FOUND, message: 'none' });
});
