import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS } from '../../../../frontend/domain/errors.ts';
import { ERRORS_OF_EVERY_ROUTE, fastifyPath } from '../../../../frontend/http/route-table.ts';

test('paths are written as fastify has them', () => {
  assert.equal(fastifyPath('/v1/apps/{app}/predict'), '/v1/apps/:app/predict');
  assert.equal(fastifyPath('/a/{b}/c/{d}'), '/a/:b/c/:d');
  assert.equal(fastifyPath('/healthz'), '/healthz');
});

test('what every route can answer is no miss', () => {
  for (const code of ERRORS_OF_EVERY_ROUTE) assert.equal(ERRORS[code].miss, false);
});
