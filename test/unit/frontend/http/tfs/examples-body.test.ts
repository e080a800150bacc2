import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExamples } from '../../../../../frontend/http/tfs/examples-body.ts';

function message(text: string): string {
  const result = readExamples(Buffer.from(text));
  return result.ok ? 'read' : result.refusal.message;
}

test('features are of the kind that their values are', () => {
  const body = '{"signature_name":"s","context":{"c":true},"examples":[{"i":[1,-2],"f":[1.0,2],"n":NaN,"t":["a",{"b64":"AQI="}],"one":5}]}';
  const result = readExamples(Buffer.from(body));
  assert.ok(result.ok);
  assert.equal(result.signatureName, 's');
  assert.deepEqual(result.list.context, new Map([['c', { kind: 'int64', values: [1n] }]]));
  assert.deepEqual(result.list.examples[0], new Map<string, unknown>([
    ['i', { kind: 'int64', values: [1n, -2n] }], ['f', { kind: 'float', values: [1, 2] }], ['n', { kind: 'float', values: [Number.NaN] }],
    ['t', { kind: 'bytes', values: [Buffer.from('a'), Buffer.of(1, 2)] }], ['one', { kind: 'int64', values: [5n] }],
  ]));
});

test('what is no list of Examples is refused in the words that clients know', () => {
  const texts: readonly (readonly [string, RegExp])[] = [
    ['', /The document is empty/], ['[]', /Is not object/], ['{}', /key 'examples' is expected and was not found/], ['{"examples":{}}', /value to be an list\/array/],
    ['{"examples":[]}', /value is an empty array/], ['{"examples":[1]}', /Example must be JSON object but got JSON Number/], ['{"examples":[[]]}', /JSON Array/],
    ['{"examples":[{}],"context":"x"}', /JSON String/], ['{"examples":[{"a":null}]}', /Feature: a has element with unexpected JSON type: Null/],
    ['{"examples":[{"a":[[1]]}]}', /unexpected JSON type: Array/], ['{"examples":[{"a":[1,"x"]}]}', /Unexpected element type in feature: a/],
    ['{"examples":[{"a":{"b64":"?"}}]}', /Unable to base64 decode/], ['{"examples":[{"a":{"b64":"AQ==","x":1}}]}', /unexpected JSON type: Object/],
    ['{"examples":[{"a":9223372036854775808}]}', /Only int64 is supported/], ['{"examples":[{}],"signature_name":1}', /'signature_name' key must be a string value/],
  ];
  for (const [text, words] of texts) assert.match(message(text), words, text);
});
