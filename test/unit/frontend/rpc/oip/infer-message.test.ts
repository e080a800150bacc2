import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GRPC_PREFIX_BYTES, decodeInfer, encodeInfer } from '../../../../../frontend/rpc/oip/infer-message.ts';
import { SendBuffers } from '../../../../../frontend/rpc/send-buffers.ts';
import { WireError } from '../../../../../protos/wire.ts';
import { batchOf, pairRow, queryOf, type TestInput } from '../../../../support/batches.ts';
import { oipMethod } from '../../../../support/oip-codec.ts';

const { requestDeserialize, responseSerialize } = oipMethod('ModelInfer');
const MODEL = { model: 'm', version: '2', unbatched: false };

function inputs(...values: readonly number[]): readonly TestInput[] {
  return [
    { name: 'x', dtype: 'float32', shape: [2], rows: values.map(pairRow) },
    { name: 'words', dtype: 'bytes', shape: [], rows: values.map((value) => Buffer.from([1, 0, 0, 0, value])) },
  ];
}

test('a batch of two queries is the request that another codec reads, and its buffer is the pool\'s', () => {
  const buffers = new SendBuffers();
  const encoded = encodeInfer(batchOf(queryOf(inputs(1)), queryOf(inputs(2, 3))), MODEL, buffers);
  assert.ok(typeof encoded === 'object');
  const { buffer, length } = encoded;
  assert.deepEqual([buffer[0], buffer.readUInt32BE(1)], [0, length - GRPC_PREFIX_BYTES]);
  assert.deepEqual(requestDeserialize(buffer.subarray(GRPC_PREFIX_BYTES, length)), {
    model_name: 'm', model_version: '2', parameters: { timeout: { int64_param: '50000' } },
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['3', '2'] }, { name: 'words', datatype: 'BYTES', shape: ['3'] }],
    raw_input_contents: [Buffer.concat([1, 2, 3].map(pairRow)), Buffer.from([1, 0, 0, 0, 1, 1, 0, 0, 0, 2, 1, 0, 0, 0, 3])],
  });
  buffers.give(buffer);
  assert.equal(buffers.out, 0);
});

test('without a batch dimension the shape is that of the row', () => {
  const encoded = encodeInfer(batchOf(queryOf(inputs(1))), { model: 'm', version: undefined, unbatched: true }, new SendBuffers());
  assert.ok(typeof encoded === 'object');
  const request = requestDeserialize(encoded.buffer.subarray(GRPC_PREFIX_BYTES, encoded.length)) as { inputs: { shape?: string[] }[]; model_version?: string };
  assert.deepEqual([request.inputs.map(({ shape = [] }) => shape), request.model_version], [[['2'], []], undefined]);
});

test('an answer with raw contents is read in place; one with typed contents as if it had been raw', () => {
  const outputs = [{ name: 'y', datatype: 'FP32', shape: [1, 2] }, { name: 'n', datatype: 'INT64', shape: [1] }];
  const raw = responseSerialize({ model_name: 'm', id: 'x', outputs, raw_output_contents: [pairRow(5), Buffer.alloc(8, 1)] });
  const answered = decodeInfer(raw);
  assert.equal(answered.payload, raw);
  const typed = decodeInfer(responseSerialize({
    outputs: [{ ...outputs[0], contents: { fp32_contents: [5, 6] } }, { ...outputs[1], contents: { int64_contents: ['72340172838076673'] } }],
  }));
  for (const { payload, tensors } of [answered, typed]) {
    assert.deepEqual(tensors.map(({ name, datatype, shape }) => [name, datatype, shape]), [['y', 'FP32', [1, 2]], ['n', 'INT64', [1]]]);
    assert.deepEqual(tensors.map(({ offset, bytes }) => payload.subarray(offset, offset + bytes)), [Buffer.from(pairRow(5)), Buffer.alloc(8, 1)]);
  }
});

test('contents that do not go with the outputs, and bytes that are no message, are refused', () => {
  assert.throws(() => decodeInfer(responseSerialize({ outputs: [], raw_output_contents: [Buffer.alloc(1)] })), WireError);
  assert.throws(() => decodeInfer(Buffer.from([0x2a, 0x7f])), WireError);
  assert.deepEqual(decodeInfer(Buffer.alloc(0)).tensors, []);
});

const seed = Number(process.env['TRADEWIND_SEED'] ?? 1);

test(`an answer with bytes changed, cut or added is read or refused, and never points beyond itself (seed ${seed})`, () => {
  const sound = responseSerialize({ outputs: [{ name: 'y', datatype: 'FP32', shape: [300, 2], contents: { fp32_contents: [1, 2] } }, { name: 'n', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('ab')] } }] });
  const raw = responseSerialize({ outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }], raw_output_contents: [Buffer.alloc(4)] });
  const change = fc.record({ of: fc.constantFrom(sound, raw), at: fc.nat(), byte: fc.nat(255), cut: fc.nat(60), more: fc.uint8Array({ maxLength: 6 }) });
  fc.assert(fc.property(change, ({ of, at, byte, cut, more }) => {
    const bytes = Buffer.concat([of.subarray(0, Math.max(0, of.length - cut)), more]);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    try {
      const { payload, tensors } = decodeInfer(bytes);
      for (const { offset, bytes: length } of tensors) assert.ok(offset >= 0 && offset + length <= payload.length);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
    }
  }), { seed, numRuns: 2000 });
});
