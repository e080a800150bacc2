import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../../model-containers/synthetic/options.ts';

test('without options: a row of any length in, its sum out, at once', () => {
  const read = readOptions({}, undefined);
  assert.deepEqual(read.inputs, [{ name: 'input', dtype: 'float32', shape: [-1] }]);
  assert.deepEqual(read.outputs, [{ name: 'output', dtype: 'float32', shape: [] }]);
  assert.deepEqual([read.law.perBatchMs, read.law.seed, read.echo, read.mute, read.warmUp], [0, 1, false, false, []]);
});

test('the input is the option\'s, else what the configuration declares; echo gives it back', () => {
  const declared = [{ name: 'x', dtype: 'int8', shape: [3] }] as const;
  assert.deepEqual(readOptions({}, declared).inputs, declared);
  const echo = readOptions({ echo: true, input: [{ dtype: 'bytes' }, { name: 'b', shape: [] }] }, declared);
  assert.deepEqual(echo.inputs, [{ name: 'input', dtype: 'bytes', shape: [-1] }, { name: 'b', dtype: 'float32', shape: [] }]);
  assert.deepEqual(echo.outputs, echo.inputs);
});

test('steps are sorted, sizes counted', () => {
  assert.deepEqual(readOptions({ pad_to: [32, 8] }, undefined).law.padTo, [8, 32]);
  assert.equal(readOptions({ pad_to: 'pow2', max_batch: 16 }, undefined).maxBatch, 16);
});

test('every fault at once', () => {
  const wrong = { colour: 1, per_row_ms: -1, noise: 2, fail: 0.7, crash: 0.7, pad_to: [], poison: 'x', echo: 1, max_batch: 0, says_model: 1, warm_up: [0], output: { shape: [-1] } };
  assert.throws(() => readOptions(wrong, undefined), (error: Error) => {
    for (const word of ['colour', 'per_row_ms', 'noise', 'add up to more than 1', 'pad_to', 'poison', 'echo', 'max_batch', 'says_model', 'warm_up', 'output']) assert.match(error.message, new RegExp(word));
    assert.equal(error.message.split('\n').length, 11);
    return true;
  });
});
