import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, failureOfHttp, shorten } from '../../../../../frontend/rpc/oip/grpc-status.ts';

test('a bad batch is refused; a server or model that is not there is gone', () => {
  assert.equal(failureOf(0, ''), undefined);
  assert.deepEqual(failureOf(3, 'a %C3%A4 100%'), { kind: 'refused', code: 'invalid_argument', message: 'INVALID_ARGUMENT: a %C3%A4 100%' });
  assert.deepEqual(failureOf(3, 'a %C3%A4'), { kind: 'refused', code: 'invalid_argument', message: 'INVALID_ARGUMENT: a ä' });
  const gone = Array.from({ length: 17 }, (_, status) => failureOf(status, '')).flatMap((failure) => (failure?.kind === 'gone' ? [failure.code] : []));
  assert.deepEqual(gone, ['not_found', 'permission_denied', 'unimplemented', 'unavailable', 'unauthenticated']);
  assert.deepEqual([failureOf(99, '')?.code, failureOfHttp(502).kind], ['unknown', 'gone']);
  assert.equal(shorten('x'.repeat(900)).length, 501);
});
