import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveOf } from '../../../../../frontend/client/archive.ts';
import { UPLOAD_ROUTES, uploadRoutes } from '../../../../../frontend/http/admin/upload.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';
import { folderWith } from '../../../../support/config-files.ts';

const URL_PATH = '/admin/models/m/versions/3/files';
const TAR = { 'content-type': 'application/x-tar' };

test('files are placed below the deploy root, and the audit log knows', async (t) => {
  const root = folderWith(t, {});
  const door = await AdminDoor.open({ deps: { settings: { admin: { allowCode: true, deployRoot: root, maxUploadMb: 1 }, dial: { allow: [] } } } });
  const put = async (url: string, payload: Uint8Array, headers: Record<string, string> = TAR): Promise<{ status: number; body: Record<string, unknown> }> => {
    const reply = await door.fastify.inject({ method: 'PUT', url, payload: Buffer.from(payload), headers });
    return { status: reply.statusCode, body: reply.json() };
  };
  const { status, body } = await put(URL_PATH, archiveOf({ 'm.py': 'x = 1' }));
  assert.deepEqual([status, body['files'], body['bytes']], [200, 1, 5]);
  assert.equal(readFileSync(join(String(body['path']), 'm.py'), 'utf8'), 'x = 1');
  const [{ what } = { what: '' }] = await door.store.audit({ most: 1 });
  assert.equal(what, `PUT ${URL_PATH}`);
  assert.deepEqual([(await put(URL_PATH, Buffer.from('no archive'))).body['code'], (await put(URL_PATH, archiveOf({ big: 'x'.repeat(1_100_000) }))).status], ['invalid_field', 413]);
  assert.equal((await put('/admin/models/M/versions/3/files', archiveOf({ a: '' }))).body['code'], 'invalid_field');
  assert.equal((await put(URL_PATH, archiveOf({ a: '' }), { ...TAR, 'origin': 'http://evil.example', 'host': 'here' })).body['code'], 'cross_origin');
  // No other route takes an archive.
  assert.equal((await put('/admin/models/m/versions/3', archiveOf({ a: '' }))).status, 415);
  assert.equal((await door.call('PUT', URL_PATH, {})).status, 415);
  assert.deepEqual([UPLOAD_ROUTES.length, typeof uploadRoutes], [1, 'function']);
});

test('without admin.allow_code nothing is taken', async () => {
  const door = await AdminDoor.open();
  const reply = await door.fastify.inject({ method: 'PUT', url: URL_PATH, payload: Buffer.from(archiveOf({ a: '' })), headers: TAR });
  assert.equal(reply.json<{ code: string }>().code, 'code_not_allowed');
});
