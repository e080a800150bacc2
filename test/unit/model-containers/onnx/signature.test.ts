import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSignature } from '../../../../model-containers/onnx/signature.ts';

const X = { name: 'x', isTensor: true, type: 'float32', shape: ['n', 8, 'width'] } as const;
const Y = { name: 'y', isTensor: true, type: 'string', shape: ['n'] } as const;
const MAP = { name: 'm', isTensor: false } as const;

test('shapes are of one row, free extents -1, strings are bytes', () => {
  assert.deepEqual(readSignature([X], [Y], undefined), {
    inputs: [{ name: 'x', dtype: 'float32', shape: [8, -1] }],
    outputs: [{ name: 'y', dtype: 'bytes', shape: [] }],
  });
});

test('outputs that are not served are not looked at', () => {
  assert.deepEqual(readSignature([X], [MAP, Y], ['y']).outputs.map(({ name }) => name), ['y']);
});

test('each fault is said with its input or output', () => {
  const inputs = [{ ...X, shape: [1, 8] }, { ...X, name: 'h', type: 'float16' }, { ...X, name: 's', shape: [] }];
  assert.throws(() => readSignature(inputs, [MAP], ['m', 'z']), (error: Error) => {
    const lines = error.message.split('\n');
    assert.equal(lines.length, 5);
    for (const start of ['option outputs: the model has no output z; it has m', 'input x has a fixed batch axis of 1', 'input h is float16', 'input s has no batch axis', 'output m is a sequence or a map']) {
      assert.ok(lines.some((line) => line.startsWith(start)), start);
    }
    return true;
  });
  assert.throws(() => readSignature([], [Y], undefined), /the model has no inputs/);
});
