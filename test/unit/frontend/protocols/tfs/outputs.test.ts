import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputRefusal } from '../../../../../frontend/protocols/tfs/outputs.ts';
import { rawOutputs, servedModel } from '../../../../support/tfs-world.ts';

const model = servedModel('m', [], rawOutputs('raw', { name: 'b', dtype: 'float32', shape: [] }, { name: 'a', dtype: 'float32', shape: [] }));

test('none are all, and those that there are may be named', () => {
  assert.equal(outputRefusal(model, []), undefined);
  assert.equal(outputRefusal(model, ['a', 'b']), undefined);
  assert.equal(outputRefusal(servedModel('m', [], undefined), ['anything']), undefined);
});

test('unknown ones and the same twice are refused', () => {
  assert.equal(outputRefusal(model, ['c'])?.message, 'output tensor alias not found in signature: c Outputs expected to be in the set {a,b}.');
  assert.equal(outputRefusal(model, ['a', 'a'])?.message, 'duplicate output tensor alias: a');
});
