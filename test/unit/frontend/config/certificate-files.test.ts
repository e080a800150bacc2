import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCertificateFiles } from '../../../../frontend/config/certificate-files.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { makeAuthority } from '../../../support/certificates.ts';
import { folderWith } from '../../../support/config-files.ts';

test('a certificate, its key and an authority are read as they stand, with the end of the certificate', (t) => {
  const authority = makeAuthority(t);
  const { cert, key, certFile, keyFile } = authority.issue('door', 3);
  const faults: Fault[] = [];
  const read = readCertificateFiles({ cert: certFile, key: keyFile, ca: authority.certFile }, faults);
  assert.deepEqual(faults, []);
  assert.deepEqual([read?.cert, read?.key, read?.ca], [cert, key, authority.cert]);
  const days = ((read?.endsAtMs ?? 0) - Date.now()) / 86_400_000;
  assert.ok(days > 2.9 && days <= 3.1, String(days));
});

test('each file that is not what it must be is named, and nothing of a key is shown', (t) => {
  const authority = makeAuthority(t);
  const [door, other] = [authority.issue('door'), authority.issue('other')];
  const folder = folderWith(t, { empty: '', secret: 'not a key, but a secret' });
  writeFileSync(join(folder, 'cut'), door.cert.slice(0, 200) + door.cert.slice(-60));
  const fault = (cert: string, key: string, ca?: string): string[] => {
    const faults: Fault[] = [];
    assert.equal(readCertificateFiles({ cert, key, ca }, faults), undefined);
    return faults.map(({ path, message }) => `${path.join('.')}: ${message.replaceAll(folder, '')}`);
  };
  const at = (name: string): string => join(folder, name);
  assert.deepEqual(fault(at('none'), door.keyFile), ['listen.tls.cert: /none cannot be read: ENOENT']);
  assert.deepEqual(fault(at('empty'), at('secret')), ['listen.tls.cert: /empty holds no certificate', 'listen.tls.key: /secret holds no private key that can be read']);
  assert.deepEqual(fault(at('cut'), door.keyFile, folder), ['listen.tls.cert: /cut holds a certificate that cannot be read', 'listen.tls.ca:  cannot be read: EISDIR']);
  assert.match(fault(door.certFile, other.keyFile)[0] ?? '', /^listen\.tls\.key: .*other-key\.pem is not the key of the certificate in .*door\.pem$/u);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak', '-keyout', at('weak-key'), '-out', at('weak')], { stdio: 'ignore' });
  assert.deepEqual(fault(at('weak'), at('weak-key')), ['listen.tls.cert: TLS cannot be spoken with /weak: ee key too small']);
});
