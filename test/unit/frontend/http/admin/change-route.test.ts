import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import type { AuditEntry } from '../../../../../frontend/domain/audit.ts';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';
import { actRoute, changeRoute, readRoute, type AdminChange } from '../../../../../frontend/http/admin/change-route.ts';
import { refusalOf } from '../../../../../frontend/http/thrown.ts';

function opened() {
  const fastify = Fastify();
  fastify.setErrorHandler((error, _request, reply) => reply.status(400).send(refusalOf(error)));
  const access = { loopback: true };
  const records: AuditEntry[] = [];
  const act = actRoute(fastify, { access, audit: { record: async (entry) => void records.push(entry) } });
  const call = async (method: 'GET' | 'PUT' | 'DELETE', url: string, headers: Record<string, string> = method === 'PUT' ? { 'content-type': 'application/json' } : {}) => {
    const reply = await fastify.inject({ method, url, headers, ...(method === 'PUT' ? { payload: '{}' } : {}) });
    return { body: reply.json<Record<string, unknown>>(), etag: reply.headers['etag'] };
  };
  return { fastify, records, act, change: changeRoute(fastify, access), call };
}

test('a change is told its etag, whether it is dry, and whose it is', async () => {
  const { change, call } = opened();
  const asked: AdminChange[] = [];
  change('PUT', '/admin/x', async (_, options) => {
    asked.push(options);
    return { ok: true, changed: { revision: 2, etag: '"2"', dryRun: false, diff: {} } };
  });
  assert.deepEqual(await call('PUT', '/admin/x?dry_run=true', { 'content-type': 'application/json', 'if-match': '"1"' }), { body: { revision: 2, dry_run: false, diff: {} }, etag: '"2"' });
  assert.deepEqual(asked, [{ dryRun: true, ifMatch: '"1"', by: { who: 'loopback', what: 'PUT /admin/x' } }]);
  assert.equal((await call('PUT', '/admin/x?dry_run=maybe')).body['code'], 'invalid_field');
});

test('what will not last of a change is told, where there is something', async () => {
  const { change, call } = opened();
  const held = [{ name: 'model m@1', by: 'file' }];
  for (const [url, all] of [['/admin/x', held], ['/admin/y', []]] as const) change('PUT', url, async () => ({ ok: true, changed: { revision: 2, etag: '"2"', dryRun: false, diff: {}, held: all } }));
  assert.deepEqual((await call('PUT', '/admin/x')).body['held'], held);
  assert.deepEqual((await call('PUT', '/admin/y')).body, { revision: 2, dry_run: false, diff: {} });
});

test('a refused change is its error', async () => {
  const { change, call } = opened();
  change('DELETE', '/admin/x', async () => ({ ok: false, error: new BrokerError('in_use') }));
  assert.equal((await call('DELETE', '/admin/x')).body['code'], 'in_use');
});

test('an act is in the audit log before it is answered; one that throws is not', async () => {
  const { act, call, records } = opened();
  act('DELETE', '/admin/x', ['one'], (_, { one }) => {
    if (one === 'bad') throw new BrokerError('invalid_field');
    return { answer: { done: one }, detail: { one } };
  });
  assert.deepEqual((await call('DELETE', '/admin/x?one=1')).body, { done: '1' });
  assert.equal((await call('DELETE', '/admin/x?one=bad')).body['code'], 'invalid_field');
  assert.equal((await call('DELETE', '/admin/x?two=1')).body['code'], 'unknown_field');
  assert.deepEqual(records, [{ who: 'loopback', what: 'DELETE /admin/x', detail: { one: '1' } }]);
});

test('what is read has an etag where it shows durable state', async () => {
  const { fastify, call } = opened();
  readRoute(fastify, '/admin/plain', () => ({ a: 1 }));
  readRoute(fastify, '/admin/state', async () => ({ a: 2 }), () => '"3"');
  assert.deepEqual(await call('GET', '/admin/plain'), { body: { a: 1 }, etag: undefined });
  assert.deepEqual(await call('GET', '/admin/state'), { body: { a: 2 }, etag: '"3"' });
  assert.equal((await call('GET', '/admin/plain?x=1')).body['code'], 'unknown_field');
});
