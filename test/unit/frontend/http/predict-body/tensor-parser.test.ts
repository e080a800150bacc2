import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { parseJson, plainBody, refusal, targetFor } from '../../../../support/parse-body.ts';

/** What one input of this kind makes of `X`: hexadecimal and shape, or the refusal. */
function read(dtype: Dtype, shape: readonly number[], text: string, ragged = false): string {
  const result = parseJson(targetFor([{ name: 'x', dtype, shape, ragged }], { maxDepth: 8, maxStringBytes: 100 }), `{"input":${text}}`);
  if (!result.ok) return refusal(result);
  const row = plainBody(result.body).columns[0]?.[0];
  return `${row?.hex} [${row?.shape.join(',')}]`;
}

test('a scalar, a flat array, nested arrays and base64 mean the same', () => {
  for (const text of ['7', '[7]', '{"b64":"Bw=="}', '{"x":7}', '{"x":[7]}', '{"x":{"b64":"Bw=="}}', '{"\\u0062\\u00364":"Bw=="}']) {
    assert.equal(read('int8', [1], text), '07 [1]', text);
    assert.equal(read('int8', [], text), '07 []', text);
  }
  for (const text of ['[1,2,3,4]', '[[1,2],[3,4]]', '{"b64":"AQIDBA=="}', ' [ [ 1 , 2 ] , [ 3 , 4 ] ] ']) assert.equal(read('uint8', [2, 2], text), '01020304 [2,2]', text);
});

test('open extents take what came', () => {
  assert.equal(read('uint8', [-1, 2], '[1,2,3,4]'), '01020304 [2,2]');
  assert.equal(read('uint8', [-1, 2], '[[1,2]]'), '0102 [1,2]');
  assert.equal(read('uint8', [2, -1], '[[],[]]'), ' [2,0]');
  assert.equal(read('uint8', [-1, -1], '[[1,2,3],[4,5,6]]'), '010203040506 [2,3]');
  assert.equal(read('uint8', [2, 0], '[]'), ' [2,0]', 'flat');
  assert.equal(read('uint8', [-1, 2], '{"b64":"AQIDBA=="}'), '01020304 [2,2]');
});

test('bytes are UTF-8 behind their length; booleans are words', () => {
  assert.equal(read('bytes', [2], '["é",{"b64":"AQ=="}]'), '02000000c3a90100000001 [2]');
  assert.equal(read('bytes', [], '{"b64":"AQ=="}'), '0100000001 []');
  assert.equal(read('bytes', [], '"\\u0000"'), '0100000000 []');
  assert.equal(read('bool', [2], '[true,false]'), '0100 [2]');
  assert.equal(read('bool', [2], '{"b64":"AQA="}'), '0100 [2]');
});

test('each fault has its code and path', () => {
  const faults: readonly (readonly [Dtype, readonly number[], string, string])[] = [
    ['float32', [3], '[1,2]', 'wrong_shape input'],
    ['float32', [3], '[1,2,3,4]', 'wrong_shape input'],
    ['float32', [3], '[]', 'wrong_shape input'],
    ['float32', [3, 0], '[[]]', 'wrong_shape input'],
    ['float32', [], '[]', 'wrong_shape input'],
    ['float32', [3], '5', 'wrong_shape input'],
    ['float32', [3], '[[1,2,3]]', 'wrong_shape input[0]'],
    ['float32', [2, 2], '[[1,2],[3]]', 'ragged_input input[1]'],
    ['float32', [2, 2], '[[1,2],[3,4,5]]', 'ragged_input input[1]'],
    ['float32', [2, 2], '[[1],[2]]', 'wrong_shape input[0]'],
    ['float32', [2, 2], '[[1,2],3]', 'wrong_shape input[1]'],
    ['float32', [2, 2], '[1,[2]]', 'wrong_shape input[1]'],
    ['float32', [2, 2], '[1,2,3]', 'wrong_shape input'],
    ['float32', [-1, -1], '[[1,2],[3]]', 'ragged_input input[1]'],
    ['float32', [-1, -1], '[1,2]', 'wrong_shape input'],
    ['float32', [-1, 2], '[1,2,3]', 'wrong_shape input'],
    ['float32', [2, 2, 2], '[[1,2],[3,4]]', 'wrong_shape input[0][0]'],
    ['float32', [2], '[1,"2"]', 'wrong_dtype input[1]'],
    ['float32', [2], '[1,null]', 'wrong_dtype input[1]'],
    ['float32', [2], '[true,1]', 'wrong_dtype input[0]'],
    ['float32', [2], '[1,{}]', 'wrong_dtype input[1]'],
    ['float32', [2], '"text"', 'wrong_dtype input'],
    ['float32', [2], '{"x":{}}', 'wrong_dtype input.x'],
    ['float32', [2], '{"x":{"y":1}}', 'unknown_field input.x.y'],
    ['float32', [2], '[1,1e999]', 'not_finite input[1]'],
    ['float32', [2], '[1,-3.5e38]', 'not_finite input[1]'],
    ['float16', [2], '[1,65520]', 'not_finite input[1]'],
    ['int32', [2], '[1,1.5]', 'wrong_dtype input[1]'],
    ['uint8', [2], '[1,-1]', 'wrong_dtype input[1]'],
    ['int64', [2], '[1,9223372036854775808]', 'wrong_dtype input[1]'],
    ['bool', [2], '[true,1]', 'wrong_dtype input[1]'],
    ['bool', [2], '[true,null]', 'wrong_dtype input[1]'],
    ['bool', [1], '{"b64":"Ag=="}', 'wrong_dtype input.b64'],
    ['bytes', [2], '["a",1]', 'wrong_dtype input[1]'],
    ['bytes', [2], '["a","\\ud800"]', 'wrong_dtype input[1]'],
    ['bytes', [2], '["a",{"b64":"*"}]', 'invalid_base64 input[1].b64'],
    ['bytes', [1], `["${'a'.repeat(101)}"]`, 'body_too_large input[0]'],
    ['float32', [1], '{"b64":"AA"}', 'invalid_base64 input.b64'],
    ['float32', [1], '{"b64":"A*AA"}', 'wrong_shape input'],
    ['float32', [1], '{"b64":"AAAAA*=="}', 'invalid_base64 input.b64'],
    ['float32', [1], '{"b64":5}', 'invalid_base64 input.b64'],
    ['float32', [1], '{"b64":"AAAAAA==","x":1}', 'unknown_field input'],
    ['float32', [2], '[1,NaN]', 'not_json input[1]'],
    ['float32', [2], '[1,-Infinity]', 'not_json input[1]'],
    ['float32', [2], '[1,+1]', 'not_json input[1]'],
    ['float32', [2], '[1,.5]', 'not_json input[1]'],
    ['float32', [2], '[1,01]', 'not_json input[1]'],
    ['float32', [2], '[1 2]', 'not_json input'],
    ['float32', [2], '[1,2,]', 'not_json input[2]'],
    ['float32', [2], '[1,]', 'not_json input[1]'],
    ['float32', [2], '[,1]', 'not_json input[0]'],
    ['float32', [2], `[1,${'1'.repeat(3000)}]`, 'invalid_field input[1]'],
    ['float32', [2], '['.repeat(100_000), 'too_deep input[0]'],
    ['bytes', [1], '["a\nb"]', 'not_json input[0]'],
    ['bytes', [1], '["\\x"]', 'not_json input[0]'],
  ];
  for (const [dtype, shape, text, expected] of faults) assert.equal(read(dtype, shape, text), expected, `${dtype} [${shape.join(',')}] ${text.slice(0, 50)}`);
});

test('a refusal says what was expected, what came, and where', () => {
  const result = parseJson(targetFor([{ name: 'x', dtype: 'float32', shape: [64] }]), `{"input":${JSON.stringify(Array.from({ length: 63 }, () => 0))}}`);
  assert.deepEqual(result, { ok: false, failure: { code: 'wrong_shape', message: 'Expected 64 numbers, got 63 (byte 135).', path: 'input' } });
});
