import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnfittedPredictReader } from '../../../../../frontend/http/tfs/unfitted-predict-reader.ts';

const LIMITS = { maxRows: 4, maxDepth: 8, maxContextBytes: 100, maxBinaryBytes: 1000 };

function read(body: string, cut = body.length): ReturnType<UnfittedPredictReader['end']> {
  const reader = new UnfittedPredictReader(LIMITS);
  for (const piece of [body.slice(0, cut), body.slice(cut)]) reader.push(Buffer.from(piece));
  return reader.end();
}
function said(body: string, cut?: number): string {
  const result = read(body, cut);
  return result.ok ? `${result.body.rowForm ? 'rows' : 'columns'} ${result.body.rows}` : result.failure.code;
}

test('rows are counted in either form, however the body is cut', () => {
  const bodies = [
    ['{"instances":[[1,2],{"x":"]"},{"b64":"AA=="}]}', 'rows 3'], ['{"inputs":[[1,[2]],[3]]}', 'columns 2'], ['{"inputs":{"a":[1,2],"b":[[1],NaN]}}', 'columns 2'], ['{"other":[1],"instances":[1]} behind it', 'rows 1'],
  ] as const;
  for (const [body, wanted] of bodies) for (let cut = 0; cut <= body.length; cut++) assert.equal(said(body, cut), wanted, `${body} cut at ${cut}`);
});

test('what is said beside the rows is read', () => {
  const result = read('{"signature_name":"s","instances":[1],"output_filter":["y"]}');
  assert.ok(result.ok);
  assert.deepEqual([result.body.signatureName, result.body.outputFilter], ['s', ['y']]);
});

test('what is no request, or has no rows, is refused', () => {
  assert.deepEqual(
    ['', '[]', '{}', '{"instances":[1', '{"instances":[1,]}', '{"instances":[]}', '{"instances":1}', '{"inputs":1}', '{"inputs":{}}', '{"inputs":{"a":[1],"b":[1,2]}}', '{"instances":[1,2,3,4,5]}', '{"instances":[1],"inputs":[1]}', '{"signature_name":1}', `{"instances":[${'['.repeat(9)}${']'.repeat(9)}]}`].map((body) => said(body)),
    ['not_json', 'not_json', 'missing_input', 'not_json', 'not_json', 'empty_inputs', 'wrong_shape', 'wrong_shape', 'missing_input', 'wrong_shape', 'too_many_rows', 'ambiguous_input', 'invalid_field', 'too_deep'],
  );
});
