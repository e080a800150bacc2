import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApiDocument } from '../../../../../frontend/http/openapi.ts';
import { askedByPath } from '../../../../../frontend/http/tfs/path.ts';
import { TFS_ROUTES } from '../../../../../frontend/http/tfs/routes.ts';

test('every documented route is one that is taken, and has its own name', () => {
  for (const { method, path } of TFS_ROUTES) {
    const url = path.replace('{model}', 'm').replace('{version}', '1').replace('{label}', 'stable');
    assert.notEqual(askedByPath(method, url).kind, 'refused', `${method} ${path}`);
  }
  assert.equal(TFS_ROUTES.length, 15);
  assert.equal(new Set(TFS_ROUTES.map(({ operationId }) => operationId)).size, 15);
});

test('each names its parameters', () => {
  for (const { path, parameters = [] } of TFS_ROUTES) {
    assert.deepEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name), parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name), path);
  }
  assert.ok(openApiDocument(TFS_ROUTES, '1')['paths'] !== undefined);
});
