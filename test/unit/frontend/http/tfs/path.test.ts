import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedByPath } from '../../../../../frontend/http/tfs/path.ts';

test('a model, a version or a label of it, and what is wanted of it', () => {
  assert.deepEqual(askedByPath('POST', '/v1/models/m:predict'), { kind: 'infer', model: { name: 'm' }, method: 'predict' });
  assert.deepEqual(askedByPath('POST', '/v1/models/m/versions/3:Classify?x=1'), { kind: 'infer', model: { name: 'm', version: 3 }, method: 'classify' });
  assert.deepEqual(askedByPath('POST', '/v1/models/a%2Fb/labels/st%61ble:regress'), { kind: 'infer', model: { name: 'a/b', label: 'stable' }, method: 'regress' });
  assert.deepEqual(askedByPath('GET', '/v1/models/m'), { kind: 'status', model: { name: 'm' } });
  assert.deepEqual(askedByPath('GET', '/v1/models/m/versions/3'), { kind: 'status', model: { name: 'm', version: 3 } });
  assert.deepEqual(askedByPath('GET', '/v1/models/m/labels/stable/metadata'), { kind: 'metadata', model: { name: 'm', label: 'stable' } });
});

test('everything else is refused in the words that clients know', () => {
  const message = (method: string, url: string): string => {
    const asked = askedByPath(method, url);
    return asked.kind === 'refused' ? asked.message : asked.kind;
  };
  assert.equal(message('GET', '/v1/models'), 'Missing model name in request.');
  assert.equal(message('GET', '/v1/models/m:predict'), 'Malformed request: GET /v1/models/m:predict');
  assert.equal(message('POST', '/v1/models/m'), 'Malformed request: POST /v1/models/m');
  assert.equal(message('POST', '/v1/models/m:explain?a=b'), 'Malformed request: POST /v1/models/m:explain');
  assert.equal(message('PUT', '/v1/models/m'), 'Malformed request: PUT /v1/models/m');
  assert.equal(message('GET', '/v1/models/m/versions/x'), 'Malformed request: GET /v1/models/m/versions/x');
  assert.equal(message('GET', '/v1/models/m/versions/9223372036854775808'), 'Failed to convert version: 9223372036854775808 to numeric.');
  assert.match(message('GET', '/v1/models/%ff'), /not percent-encoded UTF-8/);
});
