import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentName, optionsOf, readEnvironment } from '../../../../frontend/config/environment.ts';
import { SETTINGS } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

const OPTIONS = optionsOf(plain(SETTINGS));

function read(environment: Record<string, string>): { said: unknown; faults: Fault[] } {
  const faults: Fault[] = [];
  return { said: Object.fromEntries(readEnvironment(OPTIONS, environment, faults)), faults };
}

test('names come from paths', () => {
  assert.equal(environmentName(['limits', 'body_bytes']), 'TRADEWIND_LIMITS_BODY_BYTES');
  assert.equal(new Set(OPTIONS.map(({ path }) => environmentName(path))).size, OPTIONS.length);
});

test('values are read by the type of their option', () => {
  const { said, faults } = read({ TRADEWIND_DRAIN_MS: '5', TRADEWIND_ADMIN_ALLOW_CODE: 'true', TRADEWIND_LISTEN_ALLOWED_HOSTS: 'a.example, b.example', TRADEWIND_LOG_LEVEL: 'warn' });
  assert.deepEqual(faults, []);
  assert.deepEqual(said, { drain_ms: 5, 'admin.allow_code': true, 'listen.allowed_hosts': ['a.example', 'b.example'], 'log.level': 'warn' });
});

test('wrong values and near misses of names are faults; names of others are not ours', () => {
  assert.deepEqual(read({ TRADEWIND_DRAIN_MS: '1e3' }).faults.map(({ path }) => path), [['TRADEWIND_DRAIN_MS']]);
  assert.equal(read({ TRADEWIND_DRAIN_SM: '1' }).faults.length, 1);
  assert.deepEqual(read({ TRADEWIND_SERVICE_PORT_HTTP: '80', HOME: '/' }), { said: {}, faults: [] });
});
