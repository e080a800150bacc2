import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorSpec } from '../../../../protos/wire.ts';
import { WireError } from '../../../../protos/wire.ts';
import { RowsDecoder, decodeRows } from '../../../../frontend/rpc/rows-decoder.ts';

const specs: readonly TensorSpec[] = [{ name: 'y', dtype: 'float32', shape: [2] }];
const part = { name: 'y', dtype: 'float32', shape: [2], bytes: 16 };
const payload = new Uint8Array(16);

test('rows and their places are read', () => {
  const { at, part: read, errors, fault } = decodeRows({ at: [2, 0], outputs: [part], errors: [{ row: 1, code: 'bad', message: 'm' }] }, payload, 3, specs);
  assert.deepEqual(at, [2, 0]);
  assert.deepEqual(errors, [{ row: 1, code: 'bad', message: 'm' }]);
  assert.equal(fault, undefined);
  assert.deepEqual(read.columns.map(({ offset, rowBytes }) => [offset, rowBytes]), [[0, 8]]);
});

test('rows of different sizes say where each lies', () => {
  const ragged = { name: 'y', dtype: 'float32', shape: [-1], bytes: 12, lengths: [4, 8], shapes: [[1], [2]] };
  const { part: read, fault } = decodeRows({ at: [0, 1], outputs: [ragged] }, new Uint8Array(12), 2, [{ name: 'y', dtype: 'float32', shape: [-1], ragged: true }]);
  assert.equal(fault, undefined);
  assert.deepEqual(read.columns[0]?.spans, { offsets: [0, 4], lengths: [4, 8] });
});

for (const [name, header, size] of [
  ['a row that the batch has not', { at: [0, 3], outputs: [part] }, 16],
  ['a row twice', { at: [1, 1], outputs: [part] }, 16],
  ['fewer bytes than rows', { at: [0, 1, 2], outputs: [part] }, 16],
  ['a payload larger than its tensors', { at: [0, 1], outputs: [part] }, 24],
  ['no map', [1], 0],
] as const) {
  test(`${name} cannot be understood`, () => {
    assert.throws(() => decodeRows(header, new Uint8Array(size), 3, specs), WireError);
  });
}

for (const [name, outputs, fault] of [
  ['another dtype', [{ ...part, dtype: 'int32' }], /of dtype int32; the signature says float32/],
  ['another shape', [{ ...part, shape: [1, 2] }], /of shape \[1, 2\]; the signature says \[2\]/],
  ['another name', [{ ...part, name: 'z' }], /"z" that the signature has not/],
  ['one output too many', [{ ...part, bytes: 16 }, { name: 'z', dtype: 'bool', shape: [0], bytes: 0 }], /2 outputs; the signature has 1/],
  ['undeclared raggedness', [{ ...part, lengths: [8, 8], shapes: [[2], [2]] }], /not declared ragged/],
] as const) {
  test(`${name} than promised is a fault of the batch`, () => {
    assert.match(decodeRows({ at: [0, 1], outputs }, payload, 2, specs).fault ?? '', fault);
    if (name !== 'undeclared raggedness') assert.equal(decodeRows({ at: [0, 1], outputs }, payload, 2, []).fault, undefined);
  });
}

test('one output twice does not stand for two', () => {
  const two: readonly TensorSpec[] = [{ name: 'y', dtype: 'bool', shape: [] }, { name: 'z', dtype: 'bool', shape: [] }];
  const y = { name: 'y', dtype: 'bool', shape: [], bytes: 1 };
  assert.match(decodeRows({ at: [0], outputs: [y, y] }, new Uint8Array(9), 1, two).fault ?? '', /"y" twice/);
  assert.match(decodeRows({ at: [0], outputs: [y, y] }, new Uint8Array(9), 1, []).fault ?? '', /"y" twice/, 'where nothing was promised, too');
});

test('elements of bytes must come out even, row by row', () => {
  const texts: readonly TensorSpec[] = [{ name: 't', dtype: 'bytes', shape: [2] }];
  const fault = (bytes: readonly number[]): string | undefined =>
    decodeRows({ at: [0], outputs: [{ name: 't', dtype: 'bytes', shape: [2], bytes: bytes.length, lengths: [bytes.length] }] }, Uint8Array.from(bytes), 1, texts).fault;
  assert.equal(fault([1, 0, 0, 0, 65, 0, 0, 0, 0]), undefined);
  for (const wrong of [[1, 0, 0, 0, 65], [1, 0, 0, 0, 65, 9, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 7], [255, 255, 255, 255, 0, 0, 0, 0], []]) {
    assert.match(fault(wrong) ?? '', /are not 2 elements/);
  }
});

test('a header that comes again is read once, for batches of as many rows and payloads as long; the payload is always the new one', () => {
  const decoder = new RowsDecoder(specs);
  const header = { at: [0, 1], outputs: [part] };
  const first = decoder.decode(header, payload, 2);
  const again = new Uint8Array(16).fill(1);
  const second = decoder.decode(header, again, 2);
  assert.equal(second.part.columns, first.part.columns);
  assert.equal(second.part.payload, again);
  assert.deepEqual(decoder.decode(structuredClone(header), payload, 2), first);
  assert.throws(() => decoder.decode(header, new Uint8Array(24), 2), WireError);
  assert.throws(() => decoder.decode(header, payload, 1), WireError);
});

test('what breaks the promise does so each time, and so do elements that do not come out even', () => {
  const decoder = new RowsDecoder(specs);
  const broken = { at: [0, 1], outputs: [{ ...part, dtype: 'int32' }] };
  for (let again = 0; again < 2; again++) assert.match(decoder.decode(broken, payload, 2).fault ?? '', /of dtype int32/);
  const texts = new RowsDecoder([{ name: 't', dtype: 'bytes', shape: [] }]);
  const text = { at: [0], outputs: [{ name: 't', dtype: 'bytes', shape: [], bytes: 5, lengths: [5] }] };
  assert.equal(texts.decode(text, Uint8Array.of(1, 0, 0, 0, 9), 1).fault, undefined);
  assert.match(texts.decode(text, Uint8Array.of(2, 0, 0, 0, 9), 1).fault ?? '', /are not 1 elements/);
});

test('a header of very many rows, which never comes as the same object, is not kept', () => {
  const decoder = new RowsDecoder([{ name: 'y', dtype: 'bool', shape: [] }]);
  const columnsOf = (rows: number): unknown[] => {
    const header = { at: Array.from({ length: rows }, (_, row) => row), outputs: [{ name: 'y', dtype: 'bool', shape: [], bytes: rows }] };
    return [0, 1].map(() => decoder.decode(header, new Uint8Array(rows), rows).part.columns);
  };
  const [first, second] = columnsOf(1024);
  assert.equal(first, second);
  const [read, again] = columnsOf(1025);
  assert.notEqual(read, again);
});
