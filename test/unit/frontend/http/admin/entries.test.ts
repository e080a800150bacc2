import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { actEntry, changeEntry, readEntry } from '../../../../../frontend/http/admin/entries.ts';

const about = { path: '/admin/apps/{app}', operationId: 'x', summary: 'X.' };

test('a change takes an etag and a dry run, and its body can be wrong in its own ways', () => {
  const plain = changeEntry({ ...about, method: 'DELETE' });
  assert.deepEqual(plain.parameters?.map(({ name }) => name), ['app', 'dry_run', 'if-match']);
  assert.equal(plain.errors.includes('not_json'), false);
  const full = changeEntry({ ...about, method: 'PUT', body: Type.Object({}) });
  assert.ok(full.errors.includes('not_json') && full.errors.includes('stale_etag') && full.body?.required === true);
  assert.equal(full.replies[0]?.headers?.[0]?.name, 'etag');
});

test('an act has neither, and what is read has an etag only where it shows durable state', () => {
  const act = actEntry({ ...about, method: 'POST', schema: Type.Object({}) });
  assert.deepEqual([act.parameters?.map(({ name }) => name), act.replies[0]?.headers, act.errors.includes('cross_origin')], [['app'], undefined, true]);
  assert.equal(readEntry({ ...about, schema: Type.Object({}) }).replies[0]?.headers, undefined);
  assert.equal(readEntry({ ...about, schema: Type.Object({}), etag: true }).replies[0]?.headers?.length, 1);
});
