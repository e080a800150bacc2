import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { TOKEN_ROUTES, tokenRoutes } from '../../../../../frontend/http/admin/tokens.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });

test('off loopback a token is made by who has one, replaced by another in two steps, and taken away', async () => {
  const door = await AdminDoor.open({ loopback: false, token: 'the-token-of-the-file' });
  const file = bearer('the-token-of-the-file');
  const put = (digests: string[], headers: Record<string, string>) => door.call('PUT', '/admin/tokens/ops', { digests }, headers);
  assert.equal((await put([digestOf('old')], {})).status, 401);
  assert.equal((await put([digestOf('old')], file)).status, 200);
  assert.equal((await put([digestOf('new'), digestOf('old')], bearer('old'))).status, 200);
  assert.deepEqual([(await door.call('GET', '/admin/state', undefined, bearer('old'))).status, (await door.call('GET', '/admin/state', undefined, bearer('new'))).status], [200, 200]);
  assert.equal((await put([digestOf('new')], bearer('new'))).status, 200);
  assert.equal((await door.call('GET', '/admin/state', undefined, bearer('old'))).status, 401);
  const listed = await door.call('GET', '/admin/tokens', undefined, file);
  assert.deepEqual((listed.body['tokens'] as { name: string; from_file: boolean }[]).map(({ name, from_file: from }) => [name, from]), [['file', true], ['ops', false]]);
  assert.equal((await door.call('DELETE', '/admin/tokens/ops', undefined, { ...file, 'if-match': '"tokens-0"' })).status, 412);
  assert.equal((await door.call('DELETE', '/admin/tokens/ops', undefined, { ...file, 'if-match': String(listed.etag) })).status, 200);
  assert.equal((await door.call('GET', '/admin/state', undefined, bearer('new'))).status, 401);
  assert.deepEqual(door.store.records.slice(1).map(({ who }) => who), ['token:file', 'token:ops', 'token:ops', 'token:file']);
  assert.equal(JSON.stringify(door.store.records).includes(digestOf('new')), false);
});

test('each mistake has its own answer, and the token of the file is changed in the file', async () => {
  const door = await AdminDoor.open();
  assert.equal(await door.codeOf('PUT', '/admin/tokens/Ops', { digests: [digestOf('x')] }), 'invalid_field');
  assert.equal(await door.codeOf('PUT', '/admin/tokens/ops', { digests: ['abc'] }), 'invalid_config');
  assert.equal(await door.codeOf('PUT', '/admin/tokens/ops', { digests: [] }), 'invalid_config');
  assert.equal(await door.codeOf('PUT', '/admin/tokens/file', { digests: [digestOf('x')] }), 'in_use');
  assert.equal(await door.codeOf('DELETE', '/admin/tokens/ops'), 'unknown_token');
  assert.equal((await door.call('PUT', '/admin/tokens/ops?dry_run=true', { digests: [digestOf('x')] })).status, 200);
  assert.deepEqual((await door.call('GET', '/admin/tokens')).body, { tokens: [] });
  assert.deepEqual([TOKEN_ROUTES.length, typeof tokenRoutes], [3, 'function']);
});
