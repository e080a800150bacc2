import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateFinding } from '../../../../../frontend/cli/doctor/certificate-checks.ts';
import { makeAuthority } from '../../../../support/certificates.ts';

const DAY_MS = 86_400_000;

test('a certificate goes on for a while, is about to end, has ended, or is none', (t) => {
  const { certFile: cert, keyFile: key } = makeAuthority(t).issue('door', 30);
  const files = { cert, key, ca: undefined, clientAuth: 'none' as const };
  const now = Date.now();
  const verdicts = [now, now + 17 * DAY_MS, now + 31 * DAY_MS].map((nowMs) => certificateFinding(files, nowMs));
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ['good', 'doubtful', 'bad']);
  assert.match(verdicts[1]?.says ?? '', /ends on \d{4}-\d\d-\d\d, in 1[23] days: put a new one in its place/u);
  assert.match(verdicts[2]?.says ?? '', /ended on/u);
  assert.deepEqual(certificateFinding({ ...files, key: '/none' }, now), { check: 'listen.tls', verdict: 'bad', says: 'listen.tls.key: /none cannot be read: ENOENT' });
});
