import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VERSION_ROUTES, versionRoutes } from '../../../../../frontend/http/admin/versions.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

const RULES = '/admin/models/m/rules';
const STABLE = '/admin/models/m/labels/stable';

test('versions say how they live, sources what they did not take', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('GET', '/admin/versions')).body, { versions: [{ model: 'm', version: 1, state: 'ready', for_ms: 7 }] });
  assert.deepEqual((await door.call('GET', '/admin/sources')).body, { sources: [{ folder: '/models', poll_ms: 1000, refused: [{ path: '/models/x', why: 'is a symbolic link' }], settling: [] }] });
  assert.deepEqual([VERSION_ROUTES.length, typeof versionRoutes], [6, 'function']);
});

test('rules are put, shown, diffed and taken away', async () => {
  const door = await AdminDoor.open();
  assert.deepEqual((await door.call('GET', RULES)).body, { transition: 'availability' });
  const words = { version_policy: { latest: 2 }, transition: 'resource', split: { stable: 95 } };
  const put = await door.call('PUT', RULES, words);
  assert.deepEqual([put.status, (put.body['diff'] as { rules: unknown }).rules], [200, { added: ['m'], changed: [], removed: [] }]);
  assert.deepEqual((await door.call('GET', RULES)).body, words);
  assert.deepEqual((await door.call('GET', '/admin/state')).body['rules'], { m: words });
  assert.equal((await door.call('PUT', RULES, words)).etag, put.etag, 'the same again changes nothing');
  assert.equal((await door.call('DELETE', RULES)).status, 200);
  assert.equal(door.owner.current.rules, undefined);
  assert.equal(await door.codeOf('GET', '/admin/models/none/rules'), 'unknown_model');
  assert.equal(await door.codeOf('PUT', '/admin/models/none/rules', {}), 'unknown_model');
});

test('rules that cannot be are refused whole', async () => {
  const door = await AdminDoor.open();
  for (const words of [{ version_policy: { latest: 0 } }, { version_policy: { specific: [9] } }, { split: { canary: 5 } }, { transition: 'slow' }, { unknown: 1 }]) {
    assert.equal(await door.codeOf('PUT', RULES, words), 'invalid_config', JSON.stringify(words));
  }
  assert.equal(door.owner.current.rules, undefined);
});

test('a label goes back to where it was, further back the second time, and no further', async () => {
  const door = await AdminDoor.open();
  await door.call('PUT', STABLE, { version: 2 });
  assert.equal((await door.call('POST', `${STABLE}/rollback?dry_run=true`)).status, 200);
  assert.equal((await door.call('GET', STABLE)).body['version'], 2);
  assert.equal((await door.call('POST', `${STABLE}/rollback`)).status, 200);
  assert.equal((await door.call('GET', STABLE)).body['version'], 1);
  assert.equal(await door.codeOf('POST', `${STABLE}/rollback`), 'not_ready');
  assert.equal(await door.codeOf('POST', '/admin/models/m/labels/none/rollback'), 'unknown_version');
});

test('no rollback to a version that is not ready', async () => {
  let ready = true;
  const door = await AdminDoor.open({ isReady: () => ready });
  await door.call('PUT', STABLE, { version: 2 });
  ready = false;
  assert.equal(await door.codeOf('POST', `${STABLE}/rollback`), 'not_ready');
  assert.equal((await door.call('GET', STABLE)).body['version'], 2);
});
