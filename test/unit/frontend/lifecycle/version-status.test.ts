import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersionLife } from '../../../../frontend/control/version-life.ts';
import { versionStatus, whyUnready } from '../../../../frontend/lifecycle/version-status.ts';
import { makeModel } from '../../../support/specs.ts';

test('a version as the operator sees it', () => {
  const spec = makeModel({ version: 2 });
  const head = { model: 'm', version: 2, forMs: 3 };
  assert.deepEqual(versionStatus({ spec, state: { kind: 'ready', sinceMicros: 1000 } }, 4000), { ...head, state: 'ready' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'failing', sinceMicros: 1000, reason: 'died' } }, 4000), { ...head, state: 'failing', reason: 'died' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'waiting', sinceMicros: 1000, why: 'turn' } }, 4000), { ...head, state: 'waiting', reason: 'turn' });
  assert.deepEqual(versionStatus({ spec, state: { kind: 'waiting', sinceMicros: 1000, why: 'room', text: 'm@1' } }, 4000), { ...head, state: 'waiting', reason: 'room', text: 'm@1' });
});

test('of one that cannot answer: it comes, nobody wants it to run, or why its replicas die', () => {
  const life = (kind: 'loading' | 'idle'): VersionLife => ({ spec: makeModel(), state: { kind, sinceMicros: 0 } });
  assert.deepEqual(whyUnready(life('loading'), undefined), { kind: 'coming' });
  assert.deepEqual(whyUnready(undefined, undefined), { kind: 'coming' });
  assert.deepEqual(whyUnready(life('idle'), undefined), { kind: 'unloaded' });
  assert.deepEqual(whyUnready(life('loading'), 'hung'), { kind: 'failing', reason: 'hung' });
});
