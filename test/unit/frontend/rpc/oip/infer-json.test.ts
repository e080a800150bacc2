import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody, encodeBody } from '../../../../../frontend/rpc/oip/infer-json.ts';
import { SendBuffers } from '../../../../../frontend/rpc/send-buffers.ts';
import { WireError } from '../../../../../protos/wire.ts';
import { batchOf, pairQuery, pairRow } from '../../../../support/batches.ts';

test('a batch is JSON, or JSON with raw tensors behind it; no buffer is kept back', () => {
  const buffers = new SendBuffers();
  const batch = batchOf(pairQuery(1), pairQuery(2));
  const text = encodeBody(batch, { unbatched: false, binary: false }, buffers);
  assert.ok(typeof text === 'object');
  assert.equal(text.jsonLength, text.length);
  assert.deepEqual(JSON.parse(text.buffer.toString('utf8', 0, text.length)), { parameters: { timeout: 50_000 }, inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', data: [1, 2, 2, 3] }] });
  const binary = encodeBody(batch, { unbatched: false, binary: true }, buffers);
  assert.ok(typeof binary === 'object');
  assert.deepEqual(JSON.parse(binary.buffer.toString('utf8', 0, binary.jsonLength)), {
    parameters: { timeout: 50_000, binary_data_output: true }, inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', parameters: { binary_data_size: 16 } }],
  });
  assert.deepEqual(binary.buffer.subarray(binary.jsonLength, binary.length), Buffer.concat([pairRow(1), pairRow(2)]));
  for (const { buffer } of [text, binary]) buffers.give(buffer);
  assert.equal(buffers.out, 0);
});

test('what JSON cannot carry is said in words', () => {
  const buffers = new SendBuffers();
  assert.match(JSON.stringify(encodeBody(batchOf(pairQuery(Number.NaN)), { unbatched: true, binary: false }, buffers)), /^"input ..x.. holds values that JSON cannot carry/);
  assert.equal(buffers.out, 0);
});

test('raw outputs are read in place; mixed with JSON they are put together', () => {
  const raw = { name: 'a', datatype: 'UINT8', shape: [1, 2], parameters: { binary_data_size: 2 } };
  const text = { name: 'b', datatype: 'UINT64', shape: [1], data: '%' };
  const body = (outputs: readonly object[]): [Buffer, number] => {
    const json = JSON.stringify({ outputs }).replace('"%"', '[18446744073709551615]');
    return [Buffer.concat([Buffer.from(json), Buffer.from([7, 8])]), json.length];
  };
  const [alone, length] = body([raw]);
  assert.deepEqual(decodeBody(alone, length), { payload: alone, tensors: [{ name: 'a', datatype: 'UINT8', shape: [1, 2], offset: length, bytes: 2 }] });
  const { payload, tensors } = decodeBody(...body([raw, text]));
  assert.deepEqual(tensors.map(({ offset, bytes }) => payload.subarray(offset, offset + bytes)), [Buffer.from([7, 8]), Buffer.alloc(8, 0xff)]);
});

for (const answer of ['', '[]', 'null', '{"outputs":{}}', '{"outputs":[null]}', '{"outputs":[{"name":"a","datatype":"FP32","shape":[1]}]}', '{"outputs":[{"name":"a","datatype":"FP32","shape":[0.5],"data":[1]}]}',
  '{"outputs":[{"name":"a","datatype":"FP8","shape":[1],"data":[1]}]}', '{"outputs":[{"name":"a","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}',
  '{"outputs":[{"name":"a","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":-4}}]}']) {
  test(`an answer ${answer || 'of nothing'} is refused`, () => assert.throws(() => decodeBody(Buffer.from(answer), answer.length), WireError));
}

test('an answer that is shorter than its JSON is said to be is refused', () => assert.throws(() => decodeBody(Buffer.from('{}'), 3), WireError));

test('texts of an answer that came in pieces are read from their own memory', () => {
  const json = Buffer.from('{"outputs":[{"name":"a","datatype":"BYTES","shape":[2],"data":["one","two"]}]}');
  // Put together, it lies in the memory that Node shares out among small buffers, as the texts do.
  const body = Buffer.concat([json.subarray(0, 20), json.subarray(20)]);
  const { payload, tensors } = decodeBody(body, body.length);
  assert.deepEqual(tensors.map(({ offset, bytes }) => payload.subarray(offset, offset + bytes).toString('latin1')), ['\x03\0\0\0one\x03\0\0\0two']);
});

test('an answer with more JSON than a request may have is refused unread', () => {
  const body = Buffer.alloc(32 * 1024 * 1024 + 1, ' ');
  assert.throws(() => decodeBody(body, body.length), /WireError: an answer with 33554433 bytes of JSON; at most 33554432 are read/);
  assert.throws(() => decodeBody(body, body.length - 1), /not JSON/);
});

test('an answer that is nested deeper than any tensor is refused before it is parsed', () => {
  const body = Buffer.from(`{"outputs":[{"name":"a","datatype":"FP32","shape":[1],"data":${'['.repeat(100)}1${']'.repeat(100)}}]}`);
  assert.throws(() => decodeBody(body, body.length), /WireError: an answer with JSON that is nested more than 64 deep/);
});
