import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionStatus } from '../../../../frontend/lifecycle/version-status.ts';
import { makeModel } from '../../../support/specs.ts';

test('a version as the operator sees it', () => {
  const spec = makeModel({ version: 2 });
  const head = { model: 'm', version: 2, forMs: 3 };
  assert.deepEqual(versionStatus({ spec, state: { kind: 'ready', sinceMicros: 1000 } }, 4000), { ...head, state: 'ready' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'failing', sinceMicros: 1000, reason: 'died' } }, 4000), { ...head, state: 'failing', reason: 'died' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'waiting', sinceMicros: 1000, why: 'turn' } }, 4000), { ...head, state: 'waiting', reason: 'turn' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'waiting', sinceMicros: 1000, why: 'room', text: 'm@1' } }, 4000), { ...head, state: 'waiting', reason: 'room', text: 'm@1' });
});
