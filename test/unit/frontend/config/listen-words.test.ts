import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../../frontend/config/check.ts';
import { absoluteSocket, readListening, type ListenSettings } from '../../../../frontend/config/listen-words.ts';
import { SETTINGS, type RawSettings } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { makeAuthority } from '../../../support/certificates.ts';

function read(listen: object): { listening: ListenSettings; faults: string[] } {
  const faults: Fault[] = [];
  const raw = check(plain(SETTINGS), { listen }, [], faults) as RawSettings;
  return { listening: readListening(raw.listen, faults), faults: faults.map(({ path, message }) => `${path.join('.')} ${message}`) };
}

test('a door may be a Unix socket, for whom the file says', () => {
  const { listening, faults } = read({ http: 'unix:/run/t.sock', grpc: 'unix:/run/g.sock', socket_access: 'group' });
  assert.deepEqual(faults, []);
  assert.deepEqual([listening.http, listening.grpc], [{ path: '/run/t.sock', mode: 0o660, loopback: true }, { path: '/run/g.sock', mode: 0o660, loopback: true }]);
  assert.equal(read({ http: 'unix:/run/t.sock' }).listening.grpc, undefined, 'no port that nobody asked for stands beside a socket file');
  assert.deepEqual(read({ http: 'unix:/run/t.sock', grpc: '127.0.0.1:8001' }).listening.grpc, { host: '127.0.0.1', port: 8001, loopback: true });
  assert.deepEqual([0o600, 0o666], ['owner', 'all'].map((socket_access) => (read({ http: 'unix:/s', socket_access }).listening.http as { mode: number }).mode));
  assert.match(read({ http: `unix:/${'x'.repeat(120)}` }).faults[0] ?? '', /^listen\.http .* is too long for a Unix socket$/u);
  assert.deepEqual(['unix:run/s', 'a:1'].map((address) => absoluteSocket(address, (path) => `/srv/${path}`)), ['unix:/srv/run/s', 'a:1']);
});

test('TLS wants a certificate and its key, and an authority where clients are asked', (t) => {
  const authority = makeAuthority(t);
  const { certFile: cert, keyFile: key } = authority.issue('door');
  const ca = authority.certFile;
  assert.deepEqual(read({ tls: { cert, key, ca, client_auth: 'require' } }), { listening: { ...read({}).listening, tls: { cert, key, ca, clientAuth: 'require' } }, faults: [] });
  assert.equal(read({}).listening.tls, undefined);
  assert.deepEqual(read({ tls: { key } }).faults, ['listen.tls key stands alone']);
  assert.deepEqual(read({ tls: { client_auth: 'request' } }).faults, ['listen.tls client_auth stands alone']);
  assert.deepEqual(read({ tls: { cert, key, client_auth: 'request' } }).faults, ['listen.tls.client_auth is request without a ca']);
  assert.deepEqual(read({ tls: { cert, key, ca } }).faults, ['listen.tls.ca stands where no client is asked for a certificate']);
  assert.deepEqual(read({ tls: { cert: '/nothing', key } }).faults, ['listen.tls.cert /nothing cannot be read: ENOENT']);
});

test('pages are told by their origins, which have no path', () => {
  assert.deepEqual(read({ cors: { origins: ['https://app.example', '*'], max_age_s: 0 } }).listening.cors, { origins: ['https://app.example', '*'], maxAgeSeconds: 0 });
  for (const origin of ['app.example', 'https://app.example/', 'null', 'file://']) assert.equal(read({ cors: { origins: [origin] } }).faults.length, 1, origin);
});
