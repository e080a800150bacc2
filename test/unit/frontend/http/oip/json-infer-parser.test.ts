import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyWorld } from '../../../../support/infer-bodies.ts';

const X = { name: 'x', dtype: 'float32' as const, shape: [2] };
const world = new BodyWorld([X]);
const text = (input: string, more = ''): string => `{"inputs":[${input}]${more}}`;
const INPUT = '{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}';
const ROWS = ['0000803f00000040', '0000404000008040'];

test('data is nested or flat, keys come in any order, and unknown ones are passed over', () => {
  for (const input of [
    INPUT, '{"data":[[1,2],[3,4]],"datatype":"FP32","shape":[2,2],"name":"x"}', '{ "shape" : [2,2], "x":{"y":[1]}, "data" : [ 1.0, 2e0 , 3, 4 ] , "datatype":"FP32","name":"x" }'.replace('"data"', '"later":0,"data"'),
  ]) assert.deepEqual(world.read(text(input)).inputs, [{ name: 'x', rows: ROWS }], input);
  const { body } = world.read(text(INPUT, ',"id":"7","parameters":{"binary_data_output":true},"outputs":[{"name":"y","parameters":{"classification":3,"binary_data":false}}],"other":null'));
  assert.deepEqual([body?.id, body?.binaryOutput, body?.outputs], ['7', true, [{ name: 'y', binary: false, classes: 3 }]]);
});

test('rows without an element come flat too, as clients send them', () => {
  const open = new BodyWorld([{ name: 'x', dtype: 'float32', shape: [-1] }]);
  for (const data of ['[]', '[[],[]]']) assert.deepEqual(open.read(text(`{"name":"x","shape":[2,0],"datatype":"FP32","data":${data}}`)).inputs, [{ name: 'x', rows: ['', ''] }], data);
});

test('a request reads the same however it is cut, and behind a beginning that was read before', () => {
  const whole = `{"id":"é","inputs":[${INPUT}],"parameters":{"a":"b"}}`;
  const bytes = Buffer.from(whole);
  for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(world.read(bytes, { cuts: [cut] }).inputs, [{ name: 'x', rows: ROWS }], `cut at ${cut}`);
  assert.deepEqual(world.read(bytes, { cuts: Array.from({ length: bytes.length }, (_, i) => i) }).inputs, [{ name: 'x', rows: ROWS }]);
  assert.equal(world.read(text(INPUT.replace('[1,2,3,4]', '[1,2,3]'))).failure?.code, 'wrong_shape');
  assert.equal(world.read(text(INPUT.replace('"data":', '"data";'))).failure?.code, 'not_json');
  assert.equal(world.read(text(INPUT.replace('"data":', '"data";'))).failure?.code, 'not_json');
});

test('what a request says behind a beginning that is remembered is forgotten with it', () => {
  const said = ',"id":"7","outputs":[{"name":"y"}],"parameters":{"a":"b"}';
  const twice = [text(INPUT), text(INPUT, said), text(INPUT), text(INPUT, said), text(INPUT.replace('}', ',"name":"x"}')), text(INPUT, ',"inputs":[]'), text(INPUT)];
  const seen = twice.map((body) => world.read(body)).map(({ body, failure }) => failure?.code ?? [body?.id, body?.outputs.length, Object.keys(body?.parameters ?? {})]);
  const [bare, full] = [[undefined, 0, []], ['7', 1, ['a']]];
  assert.deepEqual(seen, [bare, full, bare, full, 'duplicate_field', 'duplicate_field', bare]);
  assert.equal(world.slabs.usedSlabs, 0);
});

test('each fault has its code, and leaves no memory', () => {
  const code = (body: string): unknown => {
    const { failure } = world.read(body);
    assert.equal(world.slabs.usedSlabs, 0, body);
    return failure?.code;
  };
  for (const [body, wanted] of [
    ['', 'not_json'], ['[]', 'not_json'], ['{', 'not_json'], ['{}', 'missing_input'], ['{"inputs":{}}', 'not_json'], [text(''), 'missing_input'], [text('1'), 'not_json'], [`${text(INPUT)}x`, 'not_json'],
    [text('{}'), 'missing_input'], [text('{"name":"x","shape":[2,2],"datatype":"FP32"}'), 'missing_input'], [text(`${INPUT},${INPUT}`), 'missing_input'],
    [text(INPUT.replace('"x"', '"y"')), 'unknown_input'], [text(INPUT.replace('FP32', 'FP64')), 'wrong_dtype'], [text(INPUT.replace('[2,2]', '[2,3]')), 'wrong_shape'],
    [text(INPUT.replace('4]', '"4"]')), 'wrong_dtype'], [text(INPUT.replace('4]', '1e99]')), 'not_finite'], [text(INPUT.replace('4]', '4')), 'not_json'],
    [text(INPUT.replace('[1,2,3,4]', '[[1,2],[3]]')), 'ragged_input'], [text(INPUT.replace('"x"', '7')), 'invalid_field'], [text(INPUT.replace('[2,2]', '"2"')), 'invalid_field'],
    [text(INPUT.replace('{"name"', '{"name":"x","name"')), 'duplicate_field'], [`{"inputs":[],"inputs":[]}`, 'duplicate_field'],
    [text(INPUT.replace('"data"', '"parameters":{"binary_data_size":16},"data"')), 'ambiguous_input'], [text(INPUT, ',"id":7'), 'invalid_field'], [text(INPUT, ',"outputs":[{}]'), 'invalid_field'],
    [text(INPUT, `,"deep":${'['.repeat(40)}`), 'too_deep'], [text(INPUT, `,"long":"${'x'.repeat(70_000)}"`), 'invalid_field'], ['{"\\x":1}', 'not_json'],
    [text('{"data":[1,2,3,4]}'), 'missing_input'], [text('{"data":[1,2,,4],"name":"x","shape":[2,2],"datatype":"FP32"}'), 'not_json'], [text('{"data":[1,2,3,4]5,"name":"x"}'), 'not_json'],
  ] satisfies [string, string][]) assert.equal(code(body), wanted, body.slice(0, 100));
});

test('not a number, and the infinities, are numbers; 64 bits are exact', () => {
  assert.deepEqual(world.read(text(INPUT.replace('[1,2,3,4]', '[NaN,Infinity,-Infinity,0]'))).inputs, [{ name: 'x', rows: ['0000c07f0000807f', '000080ff00000000'] }]);
  const wide = new BodyWorld([{ name: 'i', dtype: 'int64', shape: [] }]);
  assert.deepEqual(wide.read(text('{"name":"i","shape":[2],"datatype":"INT64","data":[9223372036854775807,-1]}')).inputs, [{ name: 'i', rows: ['ffffffffffffff7f', 'ffffffffffffffff'] }]);
});
