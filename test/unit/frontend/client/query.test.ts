import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictRequest } from '../../../../frontend/client/query.ts';

test('a query is sent as it is, with what is left of its objective', () => {
  assert.deepEqual(predictRequest({ input: [1, 2], context: { user: 'ann' }, slo_ms: 20 }, 15), { search: '', contentType: 'application/json', body: '{"input":[1,2],"context":{"user":"ann"},"slo_ms":15}' });
  assert.equal(predictRequest({ inputs: [[1], [2]], explain: true }, undefined).body, '{"inputs":[[1],[2]],"explain":true}');
});

test('floats go as their bytes, those of the view alone, and the rest in the address', () => {
  const floats = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  const { search, contentType, body } = predictRequest({ input: floats, version: 'stable', context: { a: 'b&c' } }, 7.5);
  assert.equal(contentType, 'application/octet-stream');
  assert.deepEqual([...new Float32Array((body as Uint8Array).slice().buffer)], [1, 2]);
  assert.deepEqual([...new URLSearchParams(search)], [['dtype', 'float32'], ['slo_ms', '7.5'], ['version', 'stable'], ['context', '{"a":"b&c"}']]);
  assert.equal(predictRequest({ inputs: floats, shape: [2, 1] }, undefined).search, '?dtype=float32&shape=2%2C1');
  assert.throws(() => predictRequest({ inputs: floats }, undefined), /need their shape/u);
});

test('typed arrays inside of a query, and those of other numbers, are lists', () => {
  const body = (query: Parameters<typeof predictRequest>[0]): unknown => JSON.parse(String(predictRequest(query, undefined).body));
  assert.deepEqual(body({ inputs: [Float32Array.of(1, 2.5), Float32Array.of(3, 4)] }), { inputs: [[1, 2.5], [3, 4]] });
  assert.deepEqual(body({ input: Float64Array.of(0.1, 2) }), { input: [0.1, 2] });
  assert.deepEqual(body({ input: { image: Buffer.from([1, 255]), ids: [Int32Array.of(-1)], text: ['a'], none: null } }), { input: { image: [1, 255], ids: [[-1]], text: ['a'], none: null } });
  assert.deepEqual(body({ input: [1], context: { at: new Date(0), seen: Uint8Array.of(7) } }), { input: [1], context: { at: '1970-01-01T00:00:00.000Z', seen: [7] } });
});
