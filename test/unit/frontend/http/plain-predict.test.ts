import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPredict } from '../../../../frontend/http/plain-predict.ts';
import type { PredictCall } from '../../../../frontend/http/predict.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const taken: PredictCall[] = [];
const route = plainPredict((call) => taken.push(call));

test('a predict request without query is told by its path and media type', () => {
  const socket = new SocketDouble();
  const exchange = exchangeOf(new RequestDouble(socket), new ResponseDouble(socket));
  route('/v1/apps/digits-2.x_y/predict', JSON_TYPE)?.(exchange);
  route('/v1/apps/a/predict', { 'content-type': 'application/octet-stream', 'tradewind-dtype': 'float32' })?.(exchange);
  assert.deepEqual(taken, [
    { exchange, appName: 'digits-2.x_y', media: 'json', settings: { ok: true, options: {} } },
    { exchange, appName: 'a', media: 'binary', settings: { ok: true, options: { dtype: 'float32' } } },
  ]);
});

test('whatever needs a router is left to it', () => {
  for (const path of ['/v1/apps/a/predict?slo_ms=5', '/v1/apps/%61/predict', '/v1/apps/a/b/predict', '/v1/apps//predict', '/v1/apps/predict', '/v1/apps/A/predict', '/v1/apps/a/predict/', `/v1/apps/${'a'.repeat(65)}/predict`, '/v1/feedback']) {
    assert.equal(route(path, JSON_TYPE), undefined, path);
  }
  for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'Application/JSON' }]) {
    assert.equal(route('/v1/apps/a/predict', headers), undefined);
  }
});
