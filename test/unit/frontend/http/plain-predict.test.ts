import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPredict } from '../../../../frontend/http/plain-predict.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

test('a predict request without query is told by its path and media type', () => {
  assert.deepEqual(plainPredict({ method: 'POST', url: '/v1/apps/digits-2.x_y/predict', headers: JSON_TYPE }), { appName: 'digits-2.x_y', media: 'json', query: {} });
  assert.deepEqual(plainPredict({ method: 'POST', url: '/v1/apps/a/predict', headers: { 'content-type': 'application/octet-stream' } }), { appName: 'a', media: 'binary', query: {} });
});

test('whatever needs a router is left to it', () => {
  for (const url of ['/v1/apps/a/predict?slo_ms=5', '/v1/apps/%61/predict', '/v1/apps/a/b/predict', '/v1/apps//predict', '/v1/apps/predict', '/v1/apps/A/predict', '/v1/apps/a/predict/', `/v1/apps/${'a'.repeat(65)}/predict`, '/v1/feedback']) {
    assert.equal(plainPredict({ method: 'POST', url, headers: JSON_TYPE }), undefined, url);
  }
  const url = '/v1/apps/a/predict';
  assert.equal(plainPredict({ method: 'GET', url, headers: JSON_TYPE }), undefined);
  for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'Application/JSON' }]) {
    assert.equal(plainPredict({ method: 'POST', url, headers }), undefined);
  }
});
