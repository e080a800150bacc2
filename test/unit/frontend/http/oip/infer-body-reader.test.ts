import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyWorld } from '../../../../support/infer-bodies.ts';

const INPUTS = [{ name: 'x', dtype: 'int16' as const, shape: [2] }, { name: 's', dtype: 'bytes' as const, shape: [] }];
const world = new BodyWorld(INPUTS);
const head = (x: number, s: number): string => JSON.stringify({
  inputs: [{ name: 's', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: s } }, { name: 'x', shape: [2, 2], datatype: 'INT16', parameters: { binary_data_size: x } }],
});
const RAW = Buffer.from([1, 0, 0, 0, 7, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0]);
const WANTED = [{ name: 'x', rows: ['01000200', '03000400'] }, { name: 's', rows: ['0100000007', '00000000'] }];
const body = (x = 8, s = 9, raw: Buffer = RAW): { bytes: Buffer; jsonBytes: number } => ({ bytes: Buffer.concat([Buffer.from(head(x, s)), raw]), jsonBytes: Buffer.byteLength(head(x, s)) });

test('raw tensors lie behind the JSON in its order, however the body is cut, and whether or not its head was seen before', () => {
  const { bytes, jsonBytes } = body();
  for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(world.read(bytes, { jsonBytes, cuts: [cut] }).inputs, WANTED, `cut at ${cut}`);
  assert.deepEqual(world.read(bytes, { jsonBytes }).inputs, WANTED);
  assert.deepEqual(world.read(bytes, { jsonBytes }).inputs, WANTED);
});

test('one input may be JSON and another raw', () => {
  const json = JSON.stringify({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'INT16', data: [5, 6] }, { name: 's', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: 5 } }] });
  assert.deepEqual(world.read(Buffer.concat([Buffer.from(json), RAW.subarray(0, 5)]), { jsonBytes: json.length }).inputs, [{ name: 'x', rows: ['05000600'] }, { name: 's', rows: ['0100000007'] }]);
});

test('lengths that do not add up are refused, and leave no memory', () => {
  const code = ({ bytes, jsonBytes }: { bytes: Buffer; jsonBytes: number }): unknown => {
    const { failure } = world.read(bytes, { jsonBytes });
    assert.equal(world.slabs.usedSlabs, 0);
    return failure?.code;
  };
  const good = body();
  assert.equal(code({ ...good, jsonBytes: good.jsonBytes - 1 }), 'not_json');
  assert.equal(code({ ...good, jsonBytes: good.jsonBytes + 1 }), 'not_json');
  assert.equal(code({ ...good, jsonBytes: 1_000_000 }), 'malformed_request');
  assert.equal(code(body(8, 9, RAW.subarray(1))), 'wrong_shape');
  assert.equal(code(body(8, 9, Buffer.concat([RAW, RAW]))), 'wrong_shape');
  assert.equal(code(body(6, 9)), 'wrong_shape');
  assert.equal(code(body(8, 10)), 'wrong_shape');
  assert.equal(code(body(8, 2_000_000)), 'body_too_large');
  assert.equal(code(body(8, -1)), 'invalid_field');
});

test('where nobody knows the inputs yet, they are what they are said to be, and rows are counted', () => {
  const unknown = new BodyWorld(undefined);
  const said = (text: string, options?: { readonly jsonBytes?: number; readonly cuts?: readonly number[] }): number | string | undefined => {
    const { body: read, failure } = unknown.read(text, options);
    assert.equal(unknown.slabs.usedSlabs, 0);
    return failure?.code ?? read?.input.rows;
  };
  const x = '{"name":"x","data":[[1,NaN],[2,3],[4,5]],"shape":[3,2],"datatype":"FP32","other":[1]}';
  const text = `{"id":"7","inputs":[${x},${x.replace('"x"', '"y"')}],"outputs":[{"name":"z"}],"parameters":{"slo_ms":5,"binary_data_output":true},"more":null}`;
  for (let cut = 0; cut <= text.length; cut++) assert.equal(said(text, { cuts: [cut] }), 3, `cut at ${cut}`);
  const { body: read } = unknown.read(text);
  assert.deepEqual(read, { input: { rows: 3 }, id: '7', outputs: [{ name: 'z' }], parameters: { slo_ms: 5, binary_data_output: true }, binaryOutput: true });
  const json = '{"inputs":[{"name":"x","shape":[2,1],"datatype":"INT8","parameters":{"binary_data_size":2}}]}';
  assert.deepEqual([said(`${json}{{`, { jsonBytes: json.length }), said(`${json}{`, { jsonBytes: json.length }), said(`${json}{{{`, { jsonBytes: json.length })], [2, 'wrong_shape', 'wrong_shape']);
  const of = (...inputs: readonly string[]): number | string | undefined => said(`{"inputs":[${inputs.join(',')}]}`);
  assert.deepEqual(
    [of(), of(x, x), of(x, x.replace('[3,2]', '[2,2]')), of(x.replace('FP32', 'FLOAT')), of(x.replace('FP32', 'INT32')), of(x.replace('[3,2]', '[3,3]')), of(x.replace('[3,2]', '[]')), of(x.replace('"other"', '"name"')), of('1')],
    ['missing_input', 'duplicate_field', 'wrong_shape', 'wrong_dtype', 'wrong_dtype', 'wrong_shape', 'wrong_shape', 'duplicate_field', 'not_json'],
  );
});
