import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleColumns, exampleCount, type Example, type ExampleList, type Feature } from '../../../../../frontend/protocols/tfs/examples.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';

const slabs = new SlabArena({ poison: true });
const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
const NAME: TensorSpec = { name: 'name', dtype: 'bytes', shape: [1] };

function floats(...values: number[]): Feature {
  return { kind: 'float', values };
}
function texts(...values: string[]): Feature {
  return { kind: 'bytes', values: values.map((value) => Buffer.from(value)) };
}
function example(features: Readonly<Record<string, Feature>>): Example {
  return new Map(Object.entries(features));
}
/** Each column's bytes as hexadecimal, or the refusal; nothing is held afterwards. */
function read(list: ExampleList, inputs: readonly TensorSpec[], maxBytes = 1000): string {
  const result = exampleColumns(list, inputs, { slabs, maxRows: 3, maxBytes });
  if (!result.ok) {
    assert.equal(slabs.usedSlabs, 0);
    return `${result.refusal.code}: ${result.refusal.message}`;
  }
  const shown = result.columns.map(({ slab, offset, rowBytes, spans, shape }) => {
    const bytes = spans === undefined ? result.rows * rowBytes : spans.lengths.reduce((sum, length) => sum + length, 0);
    return `${Buffer.from(slab.bytes.subarray(offset, offset + bytes)).toString('hex')} [${shape.join(',')}]`;
  });
  for (const { slab } of result.columns) slabs.release(slab);
  return `${result.rows} ${result.batchKey} ${shown.join(' ')}`;
}

test('a feature fills the input of its name; others are passed over', () => {
  const list = { examples: [example({ x: floats(1, 2), y: floats(9) }), example({ x: floats(3, 4) })] };
  assert.equal(read(list, [X]), '2 "x":float32[2] 0000803f000000400000404000008040 [2]');
  assert.equal(read({ examples: [example({ x: { kind: 'int64', values: [1n, 2n] } })] }, [X]), '1 "x":float32[2] 0000803f00000040 [2]');
});

test('text goes behind its length', () => {
  assert.equal(read({ examples: [example({ name: texts('é') }), example({ name: texts('') })] }, [NAME]), '2 "name":bytes[1] 02000000c3a900000000 [1]');
});

test('what the context has counts for examples that lack it', () => {
  const list = { context: example({ x: floats(5, 6) }), examples: [example({ name: texts('a') }), example({ name: texts('b'), x: floats(1, 2) })] };
  assert.equal(read(list, [X, NAME]), '2 "x":float32[2];"name":bytes[1] 0000a0400000c0400000803f00000040 [2] 01000000610100000062 [1]');
});

test('an open extent takes what came, in all examples alike', () => {
  const open: TensorSpec = { name: 'x', dtype: 'uint8', shape: [-1, 2] };
  const of = (...counts: number[]): ExampleList => ({ examples: counts.map((count) => example({ x: { kind: 'int64', values: Array.from({ length: count }, () => 7n) } })) });
  assert.equal(read(of(4), [open]), '1 "x":uint8[2,2] 07070707 [2,2]');
  assert.match(read(of(3), [open]), /^wrong_shape: Example 0: Key: x/);
  assert.match(read(of(2, 4), [open]), /^wrong_shape: Example 1: Key: x/);
});

test('examples for inputs that nobody knows yet are counted', () => {
  assert.deepEqual([exampleCount({ examples: [example({}), example({})] }, 2), exampleCount({ examples: [] }, 2), exampleCount({ examples: [1, 2, 3].map(() => example({})) }, 2)].map((counted) => ('code' in counted ? counted.code : counted.rows)), [2, 'empty_inputs', 'too_many_rows']);
});

test('what does not fit is refused, and nothing is held', () => {
  const one = (features: Readonly<Record<string, Feature>>): ExampleList => ({ examples: [example({ name: texts('a'), ...features })] });
  assert.match(read({ examples: [] }, [X]), /^empty_inputs/);
  assert.match(read({ examples: [1, 2, 3, 4].map(() => example({})) }, [X]), /^too_many_rows/);
  assert.match(read(one({}), [NAME, X]), /^missing_input: Example 0: Feature: x \(data type: float32\) is required/);
  assert.match(read(one({ x: floats(1) }), [NAME, X]), /^wrong_shape: .*values size: 1 but output shape: \[2\]/);
  assert.match(read(one({ x: texts('a', 'b') }), [NAME, X]), /^wrong_dtype: .*Data types don't match/);
  assert.match(read(one({ x: floats(1, 1.5) }), [NAME, { ...X, dtype: 'int32' }]), /^wrong_dtype: .*1.5 is no int32/);
  assert.match(read(one({ x: floats(1, 2) }), [NAME, X], 7), /^body_too_large/);
  assert.match(read(one({ name: texts('long text') }), [NAME], 7), /^body_too_large/);
});
