import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionFailure } from '../../../../../frontend/rpc/oip/connection-failure.ts';

test('a certificate that is not trusted is said to be one; a code is named once', () => {
  const error = (code: string, message: string): Error => Object.assign(new Error(message), { code });
  assert.equal(connectionFailure(error('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; try this')), 'its certificate is not trusted: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)');
  assert.equal(connectionFailure(error('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')), 'connect ECONNREFUSED 127.0.0.1:1');
  assert.equal(connectionFailure(error('ECONNRESET', 'aborted')), 'aborted (ECONNRESET)');
  assert.equal(connectionFailure(new Error('plain')), 'plain');
});
