import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readInferRequest, streamPrefix, writeInferResponse, writeStreamError } from '../../../protos/oip-infer.ts';
import { WireError } from '../../../protos/wire.ts';
import { oipMethod } from '../../support/oip-codec.ts';

const seed = Number(process.env['TRADEWIND_SEED'] ?? 1);
const INFER = oipMethod('ModelInfer');
const STREAM = oipMethod('ModelStreamInfer');

test('a request of another\'s codec is read whole', () => {
  const message = INFER.requestSerialize({
    model_name: 'm', model_version: '3', id: 'é', raw_input_contents: [Buffer.from([1, 2])],
    parameters: { a: { bool_param: true }, b: { int64_param: '-5' }, c: { string_param: 's' }, d: { double_param: 0.5 }, e: { uint64_param: '7' } },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, '784'], contents: { fp32_contents: [1] } }], outputs: [{ name: 'y', parameters: { classification: { int64_param: 3 } } }],
  });
  const { parameters, inputs, outputs, raw, ...rest } = readInferRequest(message);
  assert.deepEqual(rest, { model: 'm', version: '3', id: 'é' });
  assert.deepEqual([...parameters], [['a', true], ['b', -5], ['c', 's'], ['d', 0.5], ['e', 7]]);
  assert.deepEqual(inputs.map(({ name, datatype, shape }) => [name, datatype, shape]), [['x', 'FP32', [1, 784]]]);
  assert.deepEqual(outputs.map(({ name, parameters: of }) => [name, [...of]]), [['y', [['classification', 3]]]]);
  assert.deepEqual(raw.map(({ from, length }) => [...message.subarray(from, from + length)]), [[1, 2]]);
});

test('a response is what another\'s codec reads, alone and in a stream', () => {
  const response = {
    model: 'm', version: '1', id: 'r', parameters: { source: 'model', version: 2, confidence: 0.25, flag: true, absent: undefined },
    outputs: [{ name: 'y', datatype: 'INT8', shape: [2], bytes: 2, write: (target: Buffer, at: number) => target.set([7, 8], at) }],
  };
  const wanted = {
    model_name: 'm', model_version: '1', id: 'r', parameters: { source: { string_param: 'model' }, version: { int64_param: '2' }, confidence: { double_param: 0.25 }, flag: { bool_param: true } },
    outputs: [{ name: 'y', datatype: 'INT8', shape: ['2'] }], raw_output_contents: [Buffer.from([7, 8])],
  };
  assert.deepEqual(JSON.parse(JSON.stringify(INFER.responseDeserialize(writeInferResponse(response, () => new Uint8Array())))), JSON.parse(JSON.stringify(wanted)));
  assert.deepEqual(JSON.parse(JSON.stringify(STREAM.responseDeserialize(writeInferResponse(response, streamPrefix)))), { infer_response: JSON.parse(JSON.stringify(wanted)) });
  assert.deepEqual(STREAM.responseDeserialize(writeStreamError('no', '7')), { error_message: 'no', infer_response: { id: '7' } });
});

test(`any bytes are read or refused, never more (seed ${seed})`, () => {
  const good = INFER.requestSerialize({ model_name: 'm', inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2] }], parameters: { a: { double_param: 1 } }, raw_input_contents: [Buffer.alloc(8)] });
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    return bytes;
  })), (bytes) => {
    try {
      for (const { from, length } of readInferRequest(Buffer.from(bytes)).raw) assert.ok(from + length <= bytes.length);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  }), { seed, numRuns: 2000 });
});

test('what would take memory without end is refused', () => {
  const many = (field: number, count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => Buffer.from([field * 8 + 2, 0])));
  for (const bytes of [many(5, 1025), many(6, 1025), many(7, 1025)]) assert.throws(() => readInferRequest(bytes), WireError);
  const shape = INFER.requestSerialize({ inputs: [{ shape: Array.from({ length: 33 }, () => 1) }] });
  assert.throws(() => readInferRequest(shape), WireError);
});
