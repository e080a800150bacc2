import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DoorCertificates, tlsAt } from '../../../frontend/door-certificates.ts';
import type { Log } from '../../../frontend/domain/log.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { folderWith } from '../../support/config-files.ts';

function logging(): { log: Log; said: string[] } {
  const said: string[] = [];
  const say = (level: string) => (_fields: object, message: string): void => void said.push(`${level} ${message}`);
  return { log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }, said };
}

test('a new certificate is told once to whoever follows; a broken one is not, and is said loudly', (t) => {
  const authority = makeAuthority(t);
  const folder = folderWith(t, {});
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')];
  const put = ({ certFile, keyFile }: { certFile: string; keyFile: string }): void => {
    copyFileSync(certFile, cert);
    copyFileSync(keyFile, key);
  };
  const second = authority.issue('second', 9);
  put(authority.issue('first'));
  const { log, said } = logging();
  const tls = { cert, key, ca: undefined, clientAuth: 'none' as const };
  assert.equal(DoorCertificates.open({ tls: undefined }, log), undefined);
  const certificates = DoorCertificates.open({ tls }, log);
  assert.ok(certificates !== undefined);
  const told: string[] = [];
  certificates.follow((now) => told.push(now.cert));
  const first = certificates.endsAtMicros;
  assert.equal(certificates.reload(), undefined);
  assert.deepEqual([told, said], [[], []]);
  put(second);
  assert.match(certificates.reload(true) ?? '', /^The doors would show another certificate: \S+cert, which ends on \d{4}-\d\d-\d\d\.$/u);
  assert.deepEqual([told, said, certificates.endsAtMicros], [[], [], first], 'a dry run');
  assert.match(certificates.reload() ?? '', /^The doors show another certificate/u);
  assert.deepEqual([told, certificates.current().key, certificates.endsAtMicros > first], [[second.cert], second.key, true]);
  writeFileSync(key, 'broken');
  assert.match(certificates.reload(true) ?? '', /cannot be renewed/u);
  assert.match(certificates.reload() ?? '', /^The certificate of the doors cannot be renewed, and the one of before goes on: listen\.tls\.key: \S+key holds no private key/u);
  assert.deepEqual([told.length, certificates.current().key, said], [1, second.key, ['info the doors show another certificate', 'error the certificate of the doors cannot be renewed; the one of before goes on']]);
  assert.throws(() => DoorCertificates.open({ tls }, log), /listen\.tls\.key: \S+key holds no private key that can be read/u);
  assert.deepEqual([tlsAt({ host: 'h', port: 1, loopback: false }, certificates), tlsAt({ path: '/s', mode: 0o600, loopback: true }, certificates), tlsAt(undefined, certificates)], [{ tls: certificates }, {}, {}]);
});
