import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN_ROUTES } from '../../../../../frontend/http/admin/table.ts';
import { openApiDocument } from '../../../../../frontend/http/openapi.ts';

test('every name in a path has a parameter, every route its own id', () => {
  for (const { path, parameters = [] } of ADMIN_ROUTES) {
    const names = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
    assert.deepEqual(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name), names);
  }
  assert.equal(new Set(ADMIN_ROUTES.map(({ operationId }) => operationId)).size, ADMIN_ROUTES.length);
});

test('bodies do not ask again for what is in the path', () => {
  const document = JSON.stringify(openApiDocument(ADMIN_ROUTES, '0'));
  assert.match(document, /"required":\["container"\]/u);
  assert.match(document, /"required":\["arms"\]/u);
});
