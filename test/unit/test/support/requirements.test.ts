import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { findPart, isPart, requiredParts, requirePart } from '../../../support/requirements.ts';

test('a part that is missing is a reason to skip, and a failure where it is required', () => {
  const reason = requirePart('setpriv', { PATH: '/nonexistent' });
  assert.equal(reason, 'setpriv is not on this machine');
  assert.throws(() => requirePart('setpriv', { PATH: '/nonexistent', TRADEWIND_REQUIRE: 'python3, setpriv' }), /TRADEWIND_REQUIRE names it/);
  assert.equal(requirePart('setpriv', { PATH: '/nonexistent', TRADEWIND_REQUIRE: 'python3' }), reason);
});

test('a part that is here is found', { skip: requirePart('python3') }, () => {
  const at = findPart('python3');
  assert.ok(at !== undefined);
  assert.equal(requirePart('python3', { PATH: dirname(at), TRADEWIND_REQUIRE: 'python3' }), false);
});

test('a word that is no part is refused', () => {
  assert.throws(() => requiredParts({ TRADEWIND_REQUIRE: 'pyhton3' }), /known are/);
  assert.deepEqual(requiredParts({}), []);
  assert.equal(isPart('setpriv'), true);
  assert.equal(isPart('toString'), false);
});
