import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonPredictParser } from '../../../../../frontend/http/predict-body/json-predict-parser.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { parseJson, plainBody, refusal, slabs, targetFor } from '../../../../support/parse-body.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const ONE: readonly TensorSpec[] = [{ name: 'x', dtype: 'uint8', shape: [2] }];
const TWO: readonly TensorSpec[] = [{ name: 'x', dtype: 'uint8', shape: [2] }, { name: 'a b', dtype: 'bytes', shape: [] }];
const limits = { maxRows: 3, maxDepth: 8, maxContextBytes: 200 };

test('keys come in any order, and all they say arrives', () => {
  const result = parseJson(targetFor(ONE), ' {"explain":true,"context":{"user":"é","__proto__":{"admin":true}},"inputs":[[1,2],{"x":[3,4]},{"b64":"BQY="}],"slo_ms":20.5,"model":"m","version":3}\n');
  assert.ok(result.ok);
  assert.equal(result.body.batchKey, '"x":uint8[2]');
  assert.equal(result.body.context?.['admin'], undefined);
  const { rows, many, columns, fields } = plainBody(result.body);
  assert.deepEqual([rows, many, columns[0]?.map((row) => row.hex)], [3, true, ['0102', '0304', '0506']]);
  assert.deepEqual(fields, { slo_ms: 20.5, context: JSON.parse('{"user":"é","__proto__":{"admin":true}}') as unknown, version: 3, model: 'm', explain: true });
});

test('an input may be named b64: then the name wins', () => {
  const result = parseJson(targetFor([{ name: 'b64', dtype: 'uint8', shape: [2] }]), '{"input":{"b64":[1,2]}}');
  assert.ok(result.ok);
  assert.equal(plainBody(result.body).columns[0]?.[0]?.hex, '0102');
});

test('rows that may not share a batch have different keys', () => {
  const target = targetFor([{ name: 'x', dtype: 'uint8', shape: [-1] }]);
  const keys = ['[1]', '[1,2]', '[3]'].map((text) => {
    const result = parseJson(target, `{"input":${text}}`);
    assert.ok(result.ok);
    plainBody(result.body);
    return result.body.batchKey;
  });
  assert.deepEqual(keys, ['"x":uint8[1]', '"x":uint8[2]', '"x":uint8[1]']);
});

test('each fault has its code and path, and holds no slab', () => {
  const x = '"input":[1,2]';
  const faults: readonly (readonly [readonly TensorSpec[], string, string])[] = [
    [ONE, '', 'not_json'], [ONE, 'hello', 'not_json'], [ONE, '[1]', 'not_json'], [ONE, '\ufeff{}', 'not_json'],
    [ONE, '{', 'not_json'], [ONE, '{"input":[1,', 'not_json input'], [ONE, `{${x}`, 'not_json'], [ONE, `{${x}} {`, 'not_json'], [ONE, `{${x},}`, 'not_json'],
    [ONE, '{"inp\nut":1}', 'not_json'], [ONE, `{"input" [1,2]}`, 'not_json'], [ONE, `{${x} "explain":true}`, 'not_json'],
    [ONE, '{}', 'missing_input input'], [ONE, '{"slo_ms":5}', 'missing_input input'],
    [ONE, '{"inputs":[]}', 'empty_inputs inputs'], [ONE, '{"inputs":5}', 'wrong_shape inputs'],
    [ONE, '{"inputs":[[1,2],[1,2],[1,2],[1,2]]}', 'too_many_rows inputs'],
    [ONE, '{"inputs":[[1,2],[1]]}', 'wrong_shape inputs[1]'], [ONE, '{"inputs":[[1,2],[1,"2"]]}', 'wrong_dtype inputs[1][1]'],
    [ONE, '{"inputs":[[1,2],{"x":[1,2.5]}]}', 'wrong_dtype inputs[1].x[1]'],
    [ONE, `{${x},"inputs":[[1,2]]}`, 'ambiguous_input inputs'], [ONE, `{${x},${x}}`, 'duplicate_field input'], [ONE, `{${x},"slo_ms":5,"slo_ms":5}`, 'duplicate_field slo_ms'],
    [ONE, `{${x},"inst\\u0061nces":1}`, 'unknown_field instances'], [ONE, `{"__proto__":{},${x}}`, 'unknown_field __proto__'], [ONE, `{"a b":1}`, 'unknown_field ["a b"]'],
    [ONE, `{"${'k'.repeat(2000)}":1}`, 'unknown_field'],
    [ONE, '{"input":{"__proto__":[1,2]}}', 'unknown_input input.__proto__'], [ONE, '{"input":{"x":[1,2],"y":[1]}}', 'unknown_input input.y'],
    [ONE, '{"input":{"x":[1,2],"x":[1,2]}}', 'duplicate_field input.x'], [ONE, '{"input":{}}', 'missing_input input.x'],
    [TWO, '{"input":[1,2]}', 'missing_input input'], [TWO, '{"inputs":[{"x":[1,2]}]}', 'missing_input inputs[0]["a b"]'], [TWO, '{"input":{"a b":5,"x":[1,2]}}', 'wrong_dtype input["a b"]'],
    [TWO, '{"input":{"b64":"AQI="}}', 'unknown_input input.b64'], [TWO, '{"input":{"x":[1,2] "a b":""}}', 'not_json input'],
    [[{ name: 'x', dtype: 'uint8', shape: [-1] }], '{"inputs":[[1],[1,2]]}', 'ragged_input inputs[1]'], [[{ name: 'x', dtype: 'uint8', shape: [-1, 2] }], '{"inputs":[[1,2],[1,2,3,4]]}', 'ragged_input inputs[1]'],
    [ONE, `{${x},"slo_ms":0}`, 'invalid_slo slo_ms'], [ONE, `{${x},"slo_ms":-1}`, 'invalid_slo slo_ms'], [ONE, `{${x},"slo_ms":"fast"}`, 'invalid_slo slo_ms'], [ONE, `{"slo_ms":1e999,${x}}`, 'invalid_slo slo_ms'],
    [ONE, `{${x},"slo_ms":NaN}`, 'not_json slo_ms'], [ONE, `{${x},"slo_ms":}`, 'not_json slo_ms'], [ONE, `{${x},"slo_ms":01}`, 'not_json slo_ms'],
    [ONE, `{${x},"context":[]}`, 'invalid_field context'], [ONE, `{${x},"context":{"a":1,}}`, 'not_json context'], [ONE, `{${x},"context":${'{"a":'.repeat(9)}`, 'too_deep context'],
    [ONE, `{${x},"context":{"a":"${'b'.repeat(300)}"}}`, 'invalid_field context'], [ONE, `{${x},"version":"3"}`, 'invalid_field version'], [ONE, `{${x},"model":"A"}`, 'invalid_field model'], [ONE, `{${x},"explain":1}`, 'invalid_field explain'],
  ];
  for (const [inputs, text, expected] of faults) assert.equal(refusal(parseJson(targetFor(inputs, limits), text)), expected, text.slice(0, 60));
});

test('bytes that are not UTF-8 are refused', () => {
  for (const text of ['{"input":[1,2],"context":{"a":"X"}}', '{"X":1}', '{"input":{"X":[1,2]}}']) {
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf('X')] = 0xff;
    assert.match(refusal(parseJson(targetFor(ONE), bytes)), /^not_json/);
  }
});

test('a large body in many chunks is read whole', () => {
  const count = 50_000;
  const values = Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i) * 1000));
  const text = JSON.stringify({ input: values });
  const result = parseJson(targetFor([{ name: 'x', dtype: 'float32', shape: [count] }]), text, Array.from({ length: 40 }, (_, i) => i * 16_411));
  assert.ok(result.ok);
  assert.equal(plainBody(result.body).columns[0]?.[0]?.hex, Buffer.from(Float32Array.from(values).buffer).toString('hex'));
});

test('a parser that is given up, or begun anew, gives back what it held', () => {
  const parser = new JsonPredictParser();
  const target = targetFor([{ name: 'x', dtype: 'float32', shape: [3] }]);
  for (const leave of [() => parser.abort(), () => parser.reset(target)]) {
    parser.reset(target);
    parser.push(Buffer.from('{"input":[1,2'));
    assert.equal(slabs.usedSlabs, 1);
    leave();
    assert.equal(slabs.usedSlabs, 0);
  }
  parser.push(Buffer.from('{"input":[1,2,3]}'));
  const result = parser.end();
  assert.ok(result.ok);
  plainBody(result.body);
  assert.equal(slabs.usedSlabs, 0);
});

test('where nobody knows the inputs yet, rows are any JSON and counted, and the rest is judged as ever', () => {
  for (const [text, expected] of [
    ['{"input":[1,2,3]}', [false, 1]], ['{"input":null}', [false, 1]], ['{"context":{"inputs":[1,2]},"input":{"inputs":[1,2]}}', [false, 1]],
    ['{"inputs":[1,[2,3],{"x":[4,5]},"a,b"],"slo_ms":5}', [true, 4]],
  ] as const) {
    const result = parseJson(targetFor([]), text);
    assert.deepEqual(result.ok && [result.body.many, result.body.rows, result.body.columns], [...expected, []], text);
  }
  for (const [text, expected] of [
    ['not JSON, "inputs": [1, 2]', 'not_json'], ['[{"inputs": [1, 2]}]', 'not_json'], ['{"inputs":[1,', 'not_json'], ['{"inputs":[1,]}', 'not_json inputs[1]'], ['{"inputs":[,1]}', 'not_json inputs[0]'], ['{"input":}', 'not_json input'], ['{"input":x}', 'not_json input'],
    ['{}', 'missing_input input'], ['{"instances":[1]}', 'unknown_field instances'], ['{"inputs":[]}', 'empty_inputs inputs'], ['{"inputs":5}', 'wrong_shape inputs'],
    ['{"inputs":[1,2,3,4]}', 'too_many_rows inputs'], ['{"input":1,"inputs":[1]}', 'ambiguous_input inputs'], ['{"input":1,"slo_ms":"fast"}', 'invalid_slo slo_ms'],
    [`{"input":${'['.repeat(9)}`, 'too_deep input'],
  ] as const) assert.equal(refusal(parseJson(targetFor([], limits), text)), expected, text);
  const { failure } = parseJson(targetFor([]), '{}') as { failure: { message: string } };
  assert.equal(failure.message, 'Expected `input` or `inputs`.');
});

test(seeded('whatever the rows are and wherever the body is cut, their number is that of the array'), () => {
  fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 6 }), { minLength: 1, maxLength: 20 }), fc.jsonValue({ maxDepth: 6 }), fc.array(fc.nat(400)), fc.constantFrom(undefined, 2), (inputs, user, cuts, indent) => {
    const result = parseJson(targetFor([]), JSON.stringify({ context: { user }, inputs, explain: true }, undefined, indent), cuts);
    assert.deepEqual(result.ok && [result.body.many, result.body.rows], [true, inputs.length]);
  }), { seed: SEED });
});
