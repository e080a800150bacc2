import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RowCount } from '../../../../../frontend/http/predict-body/row-count.ts';
import type { ParseResult } from '../../../../../frontend/http/predict-body/predict-body.ts';
import { SEED, seeded } from '../../../../support/random.ts';

function count(body: string, { maxRows = 100, cut = 1000 } = {}): ParseResult {
  const reader = new RowCount(maxRows);
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
  return reader.end();
}

function rows(body: string): unknown {
  const result = count(body);
  return result.ok ? [result.body.many, result.body.rows] : result.failure.code;
}

test('of one input there is one row; of `inputs` as many as the array has', () => {
  for (const [body, expected] of [
    ['{"input": [1, 2, 3]}', [false, 1]],
    ['{"inputs": [1, [2, 3], {"x": [4, 5]}, "a,b"], "context": {"inputs": [1]}}', [true, 4]],
    ['{"context": {"inputs": [1, 2]}, "input": {"inputs": [1, 2]}}', [false, 1]],
    ['{"inputs": []}', 'empty_inputs'],
    ['{"inputs": [ ], "slo_ms": 5}', 'empty_inputs'],
    ['[{"inputs": [1, 2]}]', [false, 1]],
    ['not JSON, "inputs": [1, 2]', [false, 1]],
    [']]}{"inputs', [false, 1]],
  ] as const) assert.deepEqual(rows(body), expected, body);
});

test('more rows than one request may have are refused', () => {
  const result = count('{"inputs": [1, 2, 3]}', { maxRows: 2 });
  assert.equal(!result.ok && result.failure.code, 'too_many_rows');
});

test(seeded('whatever the rows are and wherever the body is cut, their number is that of the array'), () => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 20 }), fc.jsonValue(), fc.integer({ min: 1, max: 9 }), fc.constantFrom(undefined, 2), (inputs, context, cut, indent) => {
    const result = count(JSON.stringify({ context, inputs, explain: true }, undefined, indent), { cut });
    assert.deepEqual(result.ok && [result.body.many, result.body.rows], [true, inputs.length]);
  }), { seed: SEED });
});
