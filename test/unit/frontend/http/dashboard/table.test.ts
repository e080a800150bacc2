import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { openApiDocument } from '../../../../../frontend/http/openapi.ts';
import { DASHBOARD_ROUTES, readHistoryQuery } from '../../../../../frontend/http/dashboard/table.ts';

test('a history is asked for by kind, name and span', () => {
  const read = (query: Record<string, unknown>): unknown => readHistoryQuery({ query } as FastifyRequest);
  assert.deepEqual(read({ kind: 'broker', span: '5m' }), { kind: 'broker', name: '', span: '5m' });
  assert.deepEqual(read({ kind: 'model', name: 'm@1', span: '1d' }), { kind: 'model', name: 'm@1', span: '1d' });
  assert.throws(() => read({ kind: '__proto__', span: '5m' }), { code: 'invalid_field' });
  assert.throws(() => read({ kind: 'app', span: 'constructor' }), { code: 'invalid_field' });
});

test('the routes can be documented', () => {
  const { paths } = openApiDocument(DASHBOARD_ROUTES, '1') as { paths: Record<string, unknown> };
  assert.equal(Object.keys(paths).length, DASHBOARD_ROUTES.length);
});
