import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputTensor } from '../../../../../frontend/domain/answer.ts';
import { predictionsJson, scoreJson } from '../../../../../frontend/http/tfs/predictions-json.ts';

function floats(name: string, shape: readonly number[], ...values: number[]): OutputTensor {
  return { name, dtype: 'float32', shape, slab: { index: 0, bytes: new Uint8Array(Float32Array.from(values).buffer) }, offset: 0, lengthBytes: values.length * 4 };
}
function text(name: string, value: string): OutputTensor {
  const bytes = Buffer.concat([Buffer.of(value.length, 0, 0, 0), Buffer.from(value)]);
  return { name, dtype: 'bytes', shape: [], slab: { index: 0, bytes }, offset: 0, lengthBytes: bytes.length };
}
function row(...tensors: OutputTensor[]): AnswerRow {
  return { source: 'model', output: { kind: 'tensors', tensors } };
}

test('one output stands bare, several by their names, row by row or each over all rows', () => {
  const one = [row(floats('y', [2], 1, 2.5)), row(floats('y', [2], 3, 4))];
  assert.equal(predictionsJson(one, true, []), '{"predictions":[[1.0,2.5],[3.0,4.0]]}');
  assert.equal(predictionsJson(one, false, []), '{"outputs":[[1.0,2.5],[3.0,4.0]]}');
  const two = [row(floats('y', [], 1), text('s', 'a')), row(floats('y', [], 2), text('s', 'b'))];
  assert.equal(predictionsJson(two, true, []), '{"predictions":[{"y":1.0,"s":"a"},{"y":2.0,"s":"b"}]}');
  assert.equal(predictionsJson(two, false, []), '{"outputs":{"y":[1.0,2.0],"s":["a","b"]}}');
  assert.equal(predictionsJson(two, true, ['s']), '{"predictions":["a","b"]}');
  assert.equal(predictionsJson(two, false, ['s']), '{"outputs":["a","b"]}');
});

test('floats show that they are, and need not be finite', () => {
  assert.equal(predictionsJson([row(floats('y', [6], 0, -0, 1e20, Number.NaN, Infinity, -Infinity))], true, []), '{"predictions":[[0.0,-0.0,100000000000000000000.0,NaN,Infinity,-Infinity]]}');
  assert.equal(scoreJson(0.1), '0.1');
  assert.equal(scoreJson(1), '1.0');
});

test('text of an output that is named so is base64', () => {
  assert.equal(predictionsJson([row(text('image_bytes', 'ab'))], true, []), '{"predictions":[{"b64":"YWI="}]}');
});

test('labels, values and defaults', () => {
  const rows: AnswerRow[] = [
    { source: 'model', output: { kind: 'label', label: 7 } }, { source: 'model', output: { kind: 'label', label: 'c"at' } }, { source: 'model', output: { kind: 'value', value: 2 } },
    { source: 'model', output: { kind: 'value', value: 0.1, dtype: 'float32' } }, { source: 'model', output: { kind: 'value', value: 3, dtype: 'int32' } }, { source: 'default', output: { kind: 'json', json: [-1] } },
  ];
  assert.equal(predictionsJson(rows, true, []), '{"predictions":[7,"c\\"at",2.0,0.1,3,[-1]]}');
  assert.equal(predictionsJson(rows, false, []), '{"outputs":[7,"c\\"at",2.0,0.1,3,[-1]]}');
});

test('a default beside tensors by name', () => {
  const rows: AnswerRow[] = [row(floats('y', [], 1), floats('z', [], 2)), { source: 'default', output: { kind: 'json', json: { y: 5 } } }, { source: 'default', output: { kind: 'json', json: 0 } }];
  assert.equal(predictionsJson(rows, false, []), '{"outputs":{"y":[1.0,5,0],"z":[2.0,null,0]}}');
});
