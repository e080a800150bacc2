import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TfsPredictParser, type TfsParseResult } from '../../../../../frontend/http/tfs/predict-parser.ts';
import { parseTarget } from '../../../../../frontend/http/predict-body/parse-target.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { slabs } from '../../../../support/parse-body.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const parser = new TfsPredictParser();
const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
const Y: TensorSpec = { name: 'y', dtype: 'int64', shape: [] };
const S: TensorSpec = { name: 's', dtype: 'bytes', shape: [] };

function parse(inputs: readonly TensorSpec[], body: string | Buffer, cuts: readonly number[] = []): TfsParseResult {
  const bytes = Buffer.from(body);
  parser.reset(parseTarget({ inputs, slabs, sloMinMs: 1, sloMaxMs: 1000, maxRows: 4, maxDepth: 8, maxContextBytes: 100, nonFinite: true, exactForms: true }));
  let from = 0;
  for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    parser.push(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  return parser.end();
}
/** Form, rows and each column's bytes as hexadecimal, or the refusal; nothing is held afterwards. */
function read(inputs: readonly TensorSpec[], body: string | Buffer, cuts: readonly number[] = []): string {
  const used = slabs.usedSlabs;
  const result = parse(inputs, body, cuts);
  if (!result.ok) {
    assert.equal(slabs.usedSlabs, used);
    return result.failure.message;
  }
  const { rows, rowForm, columns = [] } = result.body;
  const hex = columns.map(({ slab, offset, rowBytes, spans, shape }) => {
    const bytes = spans === undefined ? rows * rowBytes : spans.lengths.reduce((sum, length) => sum + length, 0);
    return `${Buffer.from(slab.bytes.subarray(offset, offset + bytes)).toString('hex')}[${shape.join(',')}]`;
  });
  for (const { slab } of columns) slabs.release(slab);
  return `${rowForm ? 'rows' : 'columns'} ${rows} ${hex.join(' ')}`;
}

test('row form: plain rows of a single input, objects of named ones', () => {
  assert.equal(read([X], '{"instances":[[1,2],[3,4]]}'), 'rows 2 0000803f000000400000404000008040[2]');
  assert.equal(read([X], '{"instances":[{"x":[1,2]}]}'), 'rows 1 0000803f00000040[2]');
  assert.equal(read([Y], '{"instances":[1,-1]}'), 'rows 2 0100000000000000ffffffffffffffff[]');
  assert.equal(read([X, Y], '{"instances":[{"y":7,"x":[1,2]}]}'), 'rows 1 0000803f00000040[2] 0700000000000000[]');
  assert.equal(read([S], '{"instances":["a",{"b64":"Yg=="}]}'), 'rows 2 01000000610100000062[]');
  assert.equal(read([S], '{"instances":[{"b64":"Yg=="},"a"]}'), 'rows 2 01000000620100000061[]');
  assert.equal(read([S], '{"instances":[{"s":{"b64":"Yg=="}}]}'), 'rows 1 0100000062[]');
});

test('column form: a list over the rows, or an object of them', () => {
  assert.equal(read([X], '{"inputs":[[1,2],[3,4]]}'), 'columns 2 0000803f000000400000404000008040[2]');
  assert.equal(read([X], '{"inputs":{"x":[[1,2]]}}'), 'columns 1 0000803f00000040[2]');
  assert.equal(read([X, Y], '{"inputs":{"y":[7,8],"x":[[1,2],[3,4]]}}'), 'columns 2 0000803f000000400000404000008040[2] 07000000000000000800000000000000[]');
  assert.equal(read([S], '{"inputs":["a",{"b64":"Yg=="}]}'), 'columns 2 01000000610100000062[]');
});

test('numbers need not be finite; integers must be written as such; a row is nested as its shape is', () => {
  assert.equal(read([X], '{"instances":[[NaN,-Infinity],[Inf,Infinity],[-Inf,-NaN]]}'), 'rows 3 0000c07f000080ff0000807f0000807f000080ff0000c07f[2]');
  assert.match(read([Y], '{"instances":[1.0]}'), /Expected an integer .* got 1.0/);
  assert.match(read([Y], '{"instances":[NaN]}'), /Expected a number \(int64\), got NaN/);
  const wide: TensorSpec = { name: 'w', dtype: 'int32', shape: [4] };
  assert.match(read([wide], '{"instances":[[1,2,3e0,4]]}'), /got 3e0/);
  assert.equal(read([wide], '{"instances":[[1,2,3,4]]}'), 'rows 1 01000000020000000300000004000000[4]');
  assert.match(read([{ name: 'm', dtype: 'float32', shape: [2, 2] }], '{"instances":[[1,2,3,4]]}'), /Failed to process element: 0 of 'instances' list/);
  assert.match(read([X], '{"instances":[{"b64":"AAAAAAAAAAA="}]}'), /A base64 object stands for a string/);
  assert.match(read([X], '{"inputs":{"x":[{"b64":"AAAAAAAAAAA="}]}}'), /got an object/);
  assert.match(read([X], '{"instances":[[1e39,1]]}'), /not finite/);
});

test('what stands beside: the signature, outputs that are wanted; other keys are passed over, and so is what follows', () => {
  const result = parse([X], '{"note":{"a":[1,{}]},"instances":[[1,2]],"output_filter":["y"],"signature_name":"s"} trailing ]');
  assert.ok(result.ok);
  assert.deepEqual([result.body.signatureName, result.body.outputFilter], ['s', ['y']]);
  for (const { slab } of result.body.columns ?? []) slabs.release(slab);
  assert.match(read([X], '{"signature_name":1}'), /'signature_name' key must be a string value/);
  assert.match(read([X], '{"output_filter":[1]}'), /'output_filter' key must be a list/);
  assert.match(read([X], `{"note":"${'x'.repeat(200)}"}`), /has more than 100 bytes/);
  assert.match(read([X], '{"note":[[[[[[[[[[1]]]]]]]]]]}'), /nested more than 8 deep/);
  assert.match(read([X], '{"note":nul}'), /^JSON Parse error/);
});

test('faults have the words that clients know', () => {
  const texts: readonly (readonly [readonly TensorSpec[], string, string | RegExp])[] = [
    [[X], '', 'JSON Parse error: The document is empty'], [[X], '[]', /Is not object/], [[X], '{}', "Missing 'inputs' or 'instances' key"],
    [[X], '{"instances":[[1,2]],"inputs":[[1,2]]}', /only one of 'inputs' or 'instances' keys to exist/], [[X], '{"instances":[[1,2]],"instances":[]}', /keys to exist/],
    [[X], '{"instances":{}}', "Excepting 'instances' to be an list/array"], [[X], '{"instances":[]}', "No values in 'instances' array"],
    [[X], '{"inputs":[]}', /No values in the first dimension/], [[X], '{"inputs":5}', /Expected a list, whose first dimension is the batch/], [[S], '{"inputs":{"b64":"Yg=="}}', /first dimension is the batch/],
    [[X, Y], '{"instances":[[1,2]]}', /instances is a plain list, but expecting list of objects/], [[X, Y], '{"inputs":[[1,2]]}', /inputs is a plain value\/list, but expecting an object/],
    [[X], '{"instances":[{"x":[1,2]},[1,2]]}', 'Expecting object but got list at item 1 of input list'], [[X], '{"instances":[[1,2],{"x":[1,2]}]}', 'Expecting value/list but got object at item 1 of input list'],
    [[X, Y], '{"instances":[{"x":[1,2]}]}', "Failed to process element: 0 of 'instances' list. JSON object: keys must be equal to: x,y"],
    [[X], '{"instances":[{"z":1}]}', /JSON object: does not have named input: z/], [[X, Y], '{"inputs":{"x":[[1,2]]}}', "Missing named input: y in 'inputs' object."],
    [[X], '{"inputs":{"z":[1]}}', /does not have named input: z/], [[X], '{"instances":[{"x":[1,2],"x":[1,2]}]}', /given twice/], [[X], '{"inputs":{"x":[[1,2]],"x":[[1,2]]}}', /given twice/],
    [[X, Y], '{"inputs":{"x":[[1,2]],"y":[1,2]}}', 'Input tensor: y has inconsistent batch size: 2 expecting: 1'], [[Y], '{"instances":[1,2,3,4,5]}', 'A request has at most 4 rows'],
    [[Y], '{"inputs":[1,2,3,4,5]}', 'A request has at most 4 rows'], [[X], '{"instances":[[1,2],[3]]}', /Failed to process element: 1 of 'instances' list/],
    [[S], '{"instances":[{"b64":"?"}]}', /base64/], [[X], '{"instances":[["a",1]]}', /Failed to process element: 0 .* got a string/], [[X], '{"instances":[[1,2]', /^JSON Parse error: .* at offset: /],
    [[X], '{"instances" [[1,2]]}', /^JSON Parse error/], [[X], '{"instances":[[1,2] [3,4]]}', /^JSON Parse error/], [[X], '{instances:1}', /^JSON Parse error/], [[X], '{"instances":[[1,2]]]', /^JSON Parse error/],
    [[X], '{"instances":[[1,Nope]]}', /^JSON Parse error: .* at offset: /], [[X], `{"${'k'.repeat(2000)}":1}`, /A key has more than 1024 bytes/], [[X], '{"a\nb":1}', /^JSON Parse error/],
  ];
  for (const [inputs, body, words] of texts) {
    const said = read(inputs, body);
    if (typeof words === 'string') assert.equal(said, words, body);
    else assert.match(said, words, body);
  }
});

const element = fc.oneof(fc.float({ noNaN: true }).map(String), fc.constantFrom('NaN', '-Infinity', 'Infinity', '1e3', '-0', '1e39', '"a"', 'null', '{"b64":"AA=="}'));
const row = fc.array(element, { minLength: 1, maxLength: 3 }).map((values) => `[${values.join(', ')}]`);
const document = fc.oneof(
  fc.array(row, { maxLength: 5 }).map((rows) => `{"instances": [${rows.join(',')}], "signature_name": "serving_default"}`),
  fc.array(fc.tuple(row, element).map(([x, y]) => `{"y": ${y}, "x": ${x}}`), { maxLength: 3 }).map((rows) => `{"instances":[${rows.join(',')}]}`),
  fc.tuple(fc.array(row, { maxLength: 3 }), fc.array(element, { maxLength: 3 })).map(([x, y]) => `{"inputs":{"x":[${x.join(',')}],"y":[${y.join(',')}]}}`),
);

test('where nobody knows the inputs yet, rows are counted in either form', () => {
  const said = (body: string, cuts?: readonly number[]): string => {
    const result = parse([], body, cuts);
    return result.ok ? `${result.body.rowForm ? 'rows' : 'columns'} ${result.body.rows}` : result.failure.code;
  };
  const bodies = [
    ['{"instances":[[1,2],{"x":"]"},{"b64":"AA=="}]}', 'rows 3'], ['{"inputs":[[1,[2]],[3]]}', 'columns 2'], ['{"inputs":{"a":[1,2],"b":[[1],NaN]}}', 'columns 2'], ['{"other":[1],"instances":[1]} behind it', 'rows 1'],
  ] as const;
  for (const [body, wanted] of bodies) for (let cut = 0; cut <= body.length; cut++) assert.equal(said(body, [cut]), wanted, `${body} cut at ${cut}`);
  const result = parse([], '{"signature_name":"s","instances":[1],"output_filter":["y"]}');
  assert.ok(result.ok);
  assert.deepEqual(result.body, { rows: 1, rowForm: true, signatureName: 's', outputFilter: ['y'] });
  assert.deepEqual(
    ['', '[]', '{}', '{"instances":[1', '{"instances":[1,]}', '{"instances":[]}', '{"instances":1}', '{"inputs":1}', '{"inputs":{}}', '{"inputs":{"a":[]}}', '{"inputs":{"a":[1],"b":[1,2]}}', '{"inputs":{"a":[1],"a":[1]}}', '{"instances":[1,2,3,4,5]}', '{"instances":[1],"inputs":[1]}', '{"signature_name":1}', `{"instances":[${'['.repeat(9)}${']'.repeat(9)}]}`].map((body) => said(body)),
    ['not_json', 'not_json', 'missing_input', 'not_json', 'not_json', 'empty_inputs', 'wrong_shape', 'wrong_shape', 'missing_input', 'empty_inputs', 'wrong_shape', 'duplicate_field', 'too_many_rows', 'ambiguous_input', 'invalid_field', 'too_deep'],
  );
  assert.equal(read([], '{"inputs":{"a":[1],"b":[1,2]}}'), 'Input tensor: b has inconsistent batch size: 2 expecting: 1');
  assert.equal(read([], '{"inputs":{"a":[1],"b":1}}'), "Failed to process input: b of 'inputs'. Error: INVALID_ARGUMENT: Expected a list, whose first dimension is the batch, got '1'");
});

test(seeded('what comes of a body does not depend on how it was cut, and any bytes end in an answer or a refusal'), () => {
  fc.assert(fc.property(document, fc.array(fc.nat(200), { maxLength: 4 }), fc.option(fc.tuple(fc.nat(200), fc.nat(255))), fc.boolean(), (text, cuts, change, both) => {
    const bytes = Buffer.from(text);
    if (change !== null && change[0] < bytes.length) bytes[change[0]] = change[1];
    const inputs = both ? [X, Y] : [X];
    assert.equal(read(inputs, bytes, cuts.filter((cut) => cut < bytes.length)), read(inputs, bytes));
  }), { seed: SEED, numRuns: 3000 });
});
