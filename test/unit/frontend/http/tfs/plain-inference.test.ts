import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedInference } from '../../../../../frontend/http/tfs/door.ts';
import { plainInference } from '../../../../../frontend/http/tfs/plain-inference.ts';

test('only paths that no router would read as anything else are taken, with bodies as they are', () => {
  const taken: AskedInference[] = [];
  const route = plainInference((_exchange, asked) => taken.push(asked));
  for (const path of ['/v1/models/m:predict', '/v1/models/m-1.x/versions/3:classify', '/v1/models/m/labels/stable:regress']) route(path, {})?.({} as never);
  assert.deepEqual(taken, [
    { kind: 'infer', model: { name: 'm' }, method: 'predict' }, { kind: 'infer', model: { name: 'm-1.x', version: 3 }, method: 'classify' }, { kind: 'infer', model: { name: 'm', label: 'stable' }, method: 'regress' },
  ]);
  for (const path of ['/v1/models/m', '/v1/models/m/metadata', '/v1/models/m%20:predict', '/v1/models/m:predict?x=1', '/v1/models/m/versions/x:predict', '/v1/models/:predict', '/v1/models/m:explain', '/v2/models/m:predict']) {
    assert.equal(route(path, {}), undefined, path);
  }
  assert.equal(route('/v1/models/m:predict', { 'content-encoding': 'gzip' }), undefined);
});
