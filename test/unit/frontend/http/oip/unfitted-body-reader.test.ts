import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferBodyResult } from '../../../../../frontend/http/oip/infer-body.ts';
import { UnfittedBodyReader } from '../../../../../frontend/http/oip/unfitted-body-reader.ts';
import { parseTarget } from '../../../../../frontend/http/predict-body/parse-target.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';

const target = parseTarget({ inputs: [], slabs: new SlabArena(), sloMinMs: 0, sloMaxMs: Infinity, maxBinaryBytes: 1000 });

function read(body: string, { jsonBytes, cut = body.length }: { readonly jsonBytes?: number; readonly cut?: number } = {}): InferBodyResult {
  const reader = new UnfittedBodyReader('m', target, jsonBytes);
  for (const piece of [body.slice(0, cut), body.slice(cut)]) reader.push(Buffer.from(piece));
  return reader.end();
}
function rows(...given: Parameters<typeof read>): number | string {
  const result = read(...given);
  return result.ok ? result.body.input.rows : result.failure.code;
}
const INPUT = '{"name":"x","data":[[1,NaN],["}",{"b":2}],[]],"shape":[3,2],"datatype":"FP32","other":[1]}';

test('rows are counted by the shapes, however the body is cut, and what is said beside them is read', () => {
  const body = `{"id":"7","inputs":[${INPUT},${INPUT}],"outputs":[{"name":"y"}],"parameters":{"slo_ms":5,"binary_data_output":true},"more":null}`;
  for (let cut = 0; cut <= body.length; cut++) assert.equal(rows(body, { cut }), 3, `cut at ${cut}`);
  const result = read(body);
  assert.ok(result.ok);
  assert.deepEqual(result.body, { input: { rows: 3 }, id: '7', outputs: [{ name: 'y' }], parameters: { slo_ms: 5, binary_data_output: true }, binaryOutput: true });
});

test('what stands behind the JSON is passed over', () => {
  const json = '{"inputs":[{"name":"x","shape":[2,1],"datatype":"INT8","parameters":{"binary_data_size":2}}]}';
  for (const cut of [5, json.length, json.length + 1]) assert.equal(rows(`${json}{{`, { jsonBytes: json.length, cut }), 2);
  assert.equal(rows(json.slice(0, -4), { jsonBytes: json.length }), 'malformed_request');
});

test('what is no request, or has no rows, is refused', () => {
  const of = (input: string): string => `{"inputs":[${input}]}`;
  assert.deepEqual(
    [rows('[]'), rows('{"inputs":'), rows('{"inputs":{}}'), rows('{}'), rows(of('1')), rows(of('')), rows(of('{"name":"x","datatype":"FP32"}')), rows(of('{"name":1}')), rows('{"id":7}')],
    ['not_json', 'not_json', 'not_json', 'missing_input', 'not_json', 'missing_input', 'missing_input', 'invalid_field', 'invalid_field'],
  );
  assert.equal(rows(of('{"name":"x","shape":[1],"datatype":"FP32","data":}')), 'not_json');
  assert.equal(rows(of(`{"name":"x","shape":[1],"datatype":"FP32","data":${'['.repeat(40)}${']'.repeat(40)}}`)), 'too_deep');
  assert.equal(rows(of(Array.from({ length: 1025 }, () => '{"name":"x","shape":[1],"datatype":"FP32"}').join(','))), 'unknown_input');
});

test('nothing is read of a body that is given up', () => {
  const reader = new UnfittedBodyReader('m', target, undefined);
  reader.abort();
  reader.push(Buffer.from('{"inputs":[]}'));
  assert.equal(reader.end().ok, false);
});
