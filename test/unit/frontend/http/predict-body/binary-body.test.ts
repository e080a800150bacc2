import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryPredictParser, type BinaryRequest } from '../../../../../frontend/http/predict-body/binary-body.ts';
import type { ParseResult } from '../../../../../frontend/http/predict-body/predict-body.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { plainBody, refusal, slabs, targetFor } from '../../../../support/parse-body.ts';

const parser = new BinaryPredictParser();

function parse(spec: TensorSpec | readonly TensorSpec[], request: BinaryRequest, bytes: readonly number[], chunk = 3): ParseResult {
  parser.reset(targetFor([spec].flat(), { maxRows: 4, maxBinaryBytes: 1000 }), request);
  const body = Buffer.from(bytes);
  for (let at = 0; at < body.length; at += chunk) parser.push(body.subarray(at, at + chunk));
  const result = parser.end();
  if (!result.ok) assert.equal(slabs.usedSlabs, 0, 'a refused body held a slab');
  return result;
}

/** Rows as `hex [shape]`. */
function rows(result: ParseResult): readonly string[] {
  assert.ok(result.ok, JSON.stringify(result));
  return plainBody(result.body).columns[0]?.map((row) => `${row.hex} [${row.shape.join(',')}]`) ?? [];
}

const FIXED: TensorSpec = { name: 'x', dtype: 'uint16', shape: [2] };
const OPEN: TensorSpec = { name: 'x', dtype: 'uint8', shape: [-1, 2] };
const RAGGED: TensorSpec = { ...OPEN, ragged: true };
const WORDS: TensorSpec = { name: 'x', dtype: 'bytes', shape: [2] };

test('one row, or as many as the shape says', () => {
  assert.deepEqual(rows(parse(FIXED, {}, [1, 2, 3, 4])), ['01020304 [2]']);
  assert.deepEqual(rows(parse(FIXED, { dtype: 'uint16', shape: '2' }, [1, 2, 3, 4], 100)), ['01020304 [2]']);
  const many = parse(FIXED, { shape: '2,2' }, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(many.ok && many.body.many && many.body.rows === 2);
  assert.deepEqual(rows(many), ['01020304 [2]', '05060708 [2]']);
  assert.deepEqual(rows(parse({ name: 'x', dtype: 'uint8', shape: [] }, { shape: '' }, [9])), ['09 []']);
});

test('open extents come from the shape, or the one from the length', () => {
  assert.deepEqual(rows(parse(OPEN, {}, [1, 2, 3, 4])), ['01020304 [2,2]']);
  assert.deepEqual(rows(parse(RAGGED, { shape: '2,1,2' }, [1, 2, 3, 4])), ['0102 [1,2]', '0304 [1,2]']);
  const keyed = parse(OPEN, { shape: '2,2' }, [1, 2, 3, 4]);
  assert.ok(keyed.ok);
  assert.equal(keyed.body.batchKey, '"x":uint8[2,2]');
  assert.deepEqual(rows(keyed), ['01020304 [2,2]']);
});

test('elements of bytes say their own length', () => {
  const element = (...bytes: number[]): number[] => [bytes.length, 0, 0, 0, ...bytes];
  assert.deepEqual(rows(parse(WORDS, { shape: '2,2' }, [...element(1), ...element(), ...element(2, 3), ...element(4)])), ['010000000100000000 [2]', '0200000002030100000004 [2]']);
  assert.deepEqual(rows(parse({ ...WORDS, shape: [-1] }, {}, [...element(1), ...element()])), ['010000000100000000 [2]']);
  for (const bytes of [[9, 0, 0, 0, 1], [0, 0], element(1), [...element(1), ...element(2), 0]]) assert.equal(refusal(parse(WORDS, {}, bytes)), 'wrong_shape input');
});

test('each fault has its code and path', () => {
  const faults: readonly (readonly [TensorSpec | readonly TensorSpec[], BinaryRequest, readonly number[], string])[] = [
    [FIXED, {}, [1, 2, 3], 'wrong_shape input'], [FIXED, {}, [1, 2, 3, 4, 5], 'wrong_shape input'], [FIXED, {}, [], 'wrong_shape input'],
    [OPEN, {}, [1, 2, 3], 'wrong_shape input'], [FIXED, { dtype: 'float32' }, [1], 'wrong_dtype dtype'], [FIXED, { dtype: '__proto__' }, [], 'wrong_dtype dtype'],
    [FIXED, { shape: '3' }, [], 'wrong_shape shape'], [FIXED, { shape: '1,1,2' }, [], 'wrong_shape shape'], [FIXED, { shape: '-1' }, [], 'wrong_shape shape'], [FIXED, { shape: '2;' }, [], 'wrong_shape shape'],
    [FIXED, { shape: '0,2' }, [], 'empty_inputs shape'], [FIXED, { shape: '5,2' }, [], 'too_many_rows shape'], [OPEN, { shape: '999999999,2' }, [], 'body_too_large shape'],
    [{ ...OPEN, shape: [-1, -1] }, {}, [], 'wrong_shape shape'], [[FIXED, OPEN], {}, [], 'missing_input input'],
    [{ name: 'x', dtype: 'bool', shape: [2] }, {}, [1, 2], 'wrong_dtype input'], [OPEN, {}, Array.from({ length: 1002 }, () => 0), 'body_too_large input'],
    [FIXED, { sloMs: '0' }, [], 'invalid_slo slo_ms'], [FIXED, { sloMs: 'fast' }, [], 'invalid_slo slo_ms'], [FIXED, { context: '[1]' }, [], 'invalid_field context'], [FIXED, { context: '{' }, [], 'invalid_field context'],
    [FIXED, { version: '0' }, [], 'invalid_field version'], [FIXED, { model: 'A' }, [], 'invalid_field model'], [FIXED, { explain: 'yes' }, [], 'invalid_field explain'],
  ];
  for (const [spec, request, bytes, expected] of faults) assert.equal(refusal(parse(spec, request, bytes)), expected, JSON.stringify(request));
});

test('the other fields arrive', () => {
  const result = parse(FIXED, { sloMs: '2.5', version: '3', model: 'm', explain: 'true', context: '{"user":"a"}' }, [1, 2, 3, 4]);
  assert.ok(result.ok);
  assert.deepEqual(plainBody(result.body).fields, { slo_ms: 2.5, version: 3, model: 'm', explain: true, context: { user: 'a' } });
});

test('a large body grows without loss, and one given up is given back', () => {
  const bytes = Array.from({ length: 900 }, (_, i) => i & 0xff);
  assert.deepEqual(rows(parse(OPEN, {}, bytes, 7)), [`${Buffer.from(bytes).toString('hex')} [450,2]`]);
  parser.reset(targetFor([FIXED]), {});
  parser.push(Buffer.from([1]));
  assert.equal(slabs.usedSlabs, 1);
  parser.abort();
  assert.equal(slabs.usedSlabs, 0);
});
