import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferRequest } from '../../../../../frontend/http/oip/door.ts';
import { plainInfer } from '../../../../../frontend/http/oip/plain-infer.ts';

test('only paths that no router would read as anything else are taken', () => {
  const taken: InferRequest[] = [];
  const route = plainInfer((request) => taken.push(request));
  for (const path of ['/v2/models/m/infer', '/v2/models/m-1.x/versions/3/infer']) route(path, {})?.({} as never);
  assert.deepEqual(taken.map(({ model, version }) => [model, version]), [['m', undefined], ['m-1.x', '3']]);
  for (const path of ['/v2/models/m/ready', '/v2/models//infer', '/v2/models/m%20/infer', '/v2/models/m/infer?x=1', '/v2/models/a/b/infer', '/v2/models/m/versions//infer', '/v3/models/m/infer']) assert.equal(route(path, {}), undefined, path);
});
