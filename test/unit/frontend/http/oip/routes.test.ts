import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '../../../../../frontend/http/openapi.ts';
import { OIP_ROUTES } from '../../../../../frontend/http/oip/routes.ts';

test('the documentation is valid OpenAPI, each operation has a name of its own, refusals are plain text', async () => {
  assert.equal(new Set(OIP_ROUTES.map(({ operationId }) => operationId)).size, OIP_ROUTES.length);
  const result = await new Validator().validate(JSON.parse(JSON.stringify(openApiDocument(OIP_ROUTES, '1'))) as Parameters<Validator['validate']>[0]);
  assert.equal(result.valid, true, JSON.stringify(result.errors)?.slice(0, 500));
  assert.ok(OIP_ROUTES.every(({ plainErrors }) => plainErrors === true));
});
