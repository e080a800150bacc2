import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { readAccess, writeAccess, type AccessReading } from '../../../../frontend/config/access-words.ts';
import { filesOfConfig } from '../../../../frontend/config/named-files.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { folderWith } from '../../../support/config-files.ts';

const TOKEN = 'a-token-of-20-letters';
const DIGEST = createHash('sha256').update(TOKEN).digest('hex');

function reading(context: TestContext): AccessReading & { faults: Fault[] } {
  const files = filesOfConfig(folderWith(context, { 'good.token': `${TOKEN}\n`, 'short.token': 'short\n' }));
  return { at: ['apps', 0], faults: [], secrets: { files, environment: { GOOD: TOKEN, SHORT: 'short', EMPTY: '' } } };
}

test('a token is known by its digest, wherever it lies', (t) => {
  const to = reading(t);
  const read = readAccess({ tokens: [{ name: 'f', file: 'good.token' }, { name: 'e', env: 'GOOD' }, { name: 'd', sha256: DIGEST.toUpperCase() }] }, to);
  assert.deepEqual(to.faults, []);
  assert.deepEqual(read, { tokens: ['f', 'e', 'd'].map((name) => ({ name, sha256: DIGEST })) });
});

test('written and read again it is the same, and no token is in it', (t) => {
  const to = reading(t);
  const read = readAccess({ tokens: [{ name: 'f', file: 'good.token' }], rate_per_s: 2.5 }, to);
  assert.deepEqual(read.rate, { perSecond: 2.5, burst: 3 });
  const written = writeAccess(read);
  assert.deepEqual(readAccess(written, { at: [], faults: [] }), read);
  assert.doesNotMatch(JSON.stringify(written), new RegExp(TOKEN, 'u'));
});

test('what is no token is said, and never what it is', (t) => {
  const faultsOf = (raw: Parameters<typeof readAccess>[0], secrets = true): string[] => {
    const to = reading(t);
    readAccess(raw, secrets ? to : { at: to.at, faults: to.faults });
    return to.faults.map(({ path, message }) => `${path.slice(3).join('.')} ${message}`);
  };
  const one = (token: object): Parameters<typeof readAccess>[0] => ({ tokens: [{ name: 'x', ...token }] });
  assert.deepEqual(faultsOf(one({})), ['tokens.0 does not say one place where the token is']);
  assert.deepEqual(faultsOf(one({ env: 'GOOD', sha256: DIGEST })), ['tokens.0 does not say one place where the token is']);
  assert.deepEqual(faultsOf(one({ env: 'SHORT' })), ['tokens.0 holds no token']);
  assert.deepEqual(faultsOf(one({ env: 'ABSENT' })), ['tokens.0 ABSENT is not in the environment']);
  assert.deepEqual(faultsOf(one({ file: 'short.token' })), ['tokens.0 holds no token']);
  assert.equal(faultsOf(one({ file: 'absent.token' })).length, 1);
  assert.deepEqual(faultsOf(one({ file: 'good.token' }), false), ['tokens.0 names a file or the environment of the broker']);
  assert.deepEqual(faultsOf({ tokens: [{ name: 'x', env: 'GOOD' }, { name: 'x', env: 'GOOD' }] }), ['tokens.1.name "x" stands twice']);
  assert.deepEqual(faultsOf({ ...one({ env: 'GOOD' }), burst: 3 }), ['burst stands without a rate']);
});
