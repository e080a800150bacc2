import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEALTH_ROUTES } from '../../../../frontend/http/health.ts';
import { OPENAPI_ROUTE } from '../../../../frontend/http/openapi-route.ts';
import { PREDICT_ROUTE } from '../../../../frontend/http/predict-schema.ts';

test('no two routes have one name or one place', () => {
  const routes = [OPENAPI_ROUTE, PREDICT_ROUTE, ...HEALTH_ROUTES];
  assert.equal(new Set(routes.map(({ operationId }) => operationId)).size, routes.length);
  assert.equal(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size, routes.length);
});
