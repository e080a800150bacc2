import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { check } from '../../../../frontend/config/check.ts';
import { SETTINGS } from '../../../../frontend/config/options.ts';
import type { RawSettings } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import { readSettings, readToken } from '../../../../frontend/config/settings.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { folderWith } from '../../../support/config-files.ts';

function read(raw: unknown): { settings: ReturnType<typeof readSettings>; faults: Fault[] } {
  const faults: Fault[] = [];
  return { settings: readSettings(check(plain(SETTINGS), raw, [], faults) as RawSettings, faults), faults };
}

test('settings are in camel case, with the address taken apart', () => {
  const { settings, faults } = read({ listen: { http: '[::1]:0' } });
  assert.deepEqual(faults, []);
  assert.deepEqual(settings.listen, { http: { host: '::1', port: 0, loopback: true }, grpc: { host: '127.0.0.1', port: 0, loopback: true }, allowedHosts: [], tls: undefined, cors: { origins: [], maxAgeSeconds: 600 } });
  const grpc = (listen: object): unknown => read({ listen }).settings.listen.grpc;
  assert.deepEqual([grpc({}), grpc({ grpc: 'none' }), grpc({ grpc: '0.0.0.0:9' })], [{ host: '127.0.0.1', port: 8001, loopback: true }, undefined, { host: '0.0.0.0', port: 9, loopback: false }]);
  assert.equal(settings.limits.openQueriesPerConnection, 512);
  assert.equal(settings.drainMs, 10_000);
});

test('what no schema can say is checked: ports, allow_code without a root', () => {
  const { faults } = read({ listen: { http: 'localhost:70000' }, admin: { allow_code: true }, dial: { allow: ['10.0.0.1'] } });
  assert.deepEqual(faults.map(({ path }) => path.join('.')), ['listen.http', 'admin.allow_code']);
});

test('a token is read without its line end, refused when short, and never shown', (t) => {
  const folder = folderWith(t, { good: '0123456789abcdef\n', bad: 'short-secret\n' });
  const faults: Fault[] = [];
  assert.equal(readToken(join(folder, 'good'), faults), '0123456789abcdef');
  assert.deepEqual(faults, []);
  assert.equal(readToken(join(folder, 'bad'), faults), undefined);
  assert.equal(readToken(join(folder, 'none'), faults), undefined);
  assert.equal(faults.length, 2);
  assert.ok(!JSON.stringify(faults).includes('short-secret'));
});
