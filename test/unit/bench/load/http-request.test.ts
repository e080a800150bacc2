import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRequest } from '../../../../bench/load/http-request.ts';

test('a request is head and body, its length in bytes, and says where the body starts', () => {
  const { bytes, bodyAt } = encodeRequest({ path: '/p', host: 'h:1', body: '{"a":"é"}', headers: { 'x-dtype': 'float32' } });
  assert.equal(bytes.toString(), 'POST /p HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/json\r\nx-dtype: float32\r\nContent-Length: 10\r\n\r\n{"a":"é"}');
  assert.equal(bytes.subarray(bodyAt).toString(), '{"a":"é"}');
});
