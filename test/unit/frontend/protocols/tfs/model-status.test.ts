import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSuchVersion, versionStatuses } from '../../../../../frontend/protocols/tfs/model-status.ts';
import type { Unready, WhyUnready } from '../../../../../frontend/domain/served.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

const coming: WhyUnready = () => ({ kind: 'coming' });
const model = servedModel('m', [], undefined, { versions: [{ version: 1, ready: true }, { version: 2, ready: false }] });

test('the newest version first, each with its state; or one of them', () => {
  assert.deepEqual(versionStatuses(model, coming), [{ version: 2, state: 'LOADING' }, { version: 1, state: 'AVAILABLE' }]);
  assert.deepEqual(versionStatuses(model, coming, 1), [{ version: 1, state: 'AVAILABLE' }]);
  assert.deepEqual(versionStatuses(model, coming, 3), []);
});

test('one that was unloaded, or whose replicas die again and again, has come to its end, and the latter says why', () => {
  const of = (why: Unready): unknown => versionStatuses(model, (name, version) => (name === 'm' && version === 2 ? why : { kind: 'coming' }), 2);
  assert.deepEqual(of({ kind: 'unloaded' }), [{ version: 2, state: 'END' }]);
  assert.deepEqual(of({ kind: 'failing', reason: 'exited with code 3' }), [{ version: 2, state: 'END', error: 'its replicas die again and again: exited with code 3' }]);
});

test('the words for what there is not', () => {
  assert.equal(noSuchVersion('m', undefined).message, 'Could not find any versions of model m');
  assert.equal(noSuchVersion('m', 3).message, 'Could not find version 3 of model m');
});
