import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Type } from 'typebox';
import { ERRORS } from '../../../../frontend/domain/errors.ts';
import { HEALTH_ROUTES } from '../../../../frontend/http/health.ts';
import { openApiDocument } from '../../../../frontend/http/openapi.ts';
import { PREDICT_ROUTE } from '../../../../frontend/http/predict-schema.ts';
import type { RouteEntry } from '../../../../frontend/http/route-table.ts';

const THING: RouteEntry = {
  method: 'PUT', path: '/things/{name}', operationId: 'putThing', tag: 'things', summary: 'Puts one.',
  parameters: [{ in: 'path', name: 'name', description: 'Which.', schema: Type.String() }, { in: 'query', name: 'dry', description: 'Only say.', schema: Type.Boolean() }],
  replies: [{ status: 200, description: 'Put.', headers: [{ name: 'etag', description: 'Its revision.', schema: Type.String() }] }],
  errors: ['stale_etag', 'invalid_config'],
};

test('the document is OpenAPI 3.1', async () => {
  const document = openApiDocument([PREDICT_ROUTE, ...HEALTH_ROUTES, THING], '1.2.3');
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  assert.deepEqual(result.errors, undefined);
  assert.equal(result.valid, true);
});

test('routes of one path stand together, with their refusals by status', () => {
  const read: RouteEntry = { ...THING, method: 'GET', operationId: 'getThing', errors: [] };
  const { paths } = openApiDocument([THING, read], '1') as { paths: Record<string, Record<string, { responses: Record<string, { description: string }>; parameters: { name: string; required: boolean }[] }>> };
  assert.deepEqual(Object.keys(paths['/things/{name}'] ?? {}), ['put', 'get']);
  const put = paths['/things/{name}']?.['put'];
  assert.deepEqual(put?.parameters.map(({ name, required }) => [name, required]), [['name', true], ['dry', false]]);
  assert.match(put?.responses['412']?.description ?? '', /`stale_etag`/);
  assert.match(put?.responses['421']?.description ?? '', /`wrong_host`/);
  assert.equal(put?.responses['412']?.description.includes(ERRORS.stale_etag.message), true);
});
