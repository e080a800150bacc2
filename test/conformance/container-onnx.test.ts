import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Dtype } from '../../protos/dtype.ts';
import type { SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import { asFloat32, float32, HandDrivenBroker } from '../support/hand-driven-broker.ts';

const ONNX = fileURLToPath(new URL('../../model-containers/onnx/main.ts', import.meta.url));

function model(name: string, options: object = {}): Record<string, string> {
  return { TRADEWIND_PATH: fileURLToPath(new URL(`../support/models/${name}.onnx`, import.meta.url)), TRADEWIND_OPTIONS: JSON.stringify(options) };
}

function texts(words: readonly (readonly (string | Buffer)[])[]): SentTensor {
  const rows = words.map((row) => Buffer.concat(row.flatMap((word) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(word));
    return [length, Buffer.from(word as string)];
  })));
  return { name: 'bytes', dtype: 'bytes', shape: [2], lengths: rows.map(({ length }) => length), data: Buffer.concat(rows) };
}

test('the signature is the model\'s, any batch size is answered, and only wanted outputs are computed', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker, hello } = await broker.startWorker(ONNX, model('affine', { threads: 1, warm_up: [1, 4], max_batch: 64 }));
  assert.deepEqual(hello.inputs, [{ name: 'x', dtype: 'float32', shape: [3] }]);
  assert.deepEqual(hello.outputs, [{ name: 'label', dtype: 'int64', shape: [] }, { name: 'y', dtype: 'float32', shape: [3] }]);
  assert.equal(hello.max_batch, 64);
  assert.deepEqual(hello.about, { framework: 'onnxruntime', providers: 'cpu', threads: 1 });
  for (const rows of [1, 2, 64]) {
    const values = Array.from({ length: rows * 3 }, (_, i) => (i * 7) % 5);
    const reply = await worker.ask(rows, rows, [float32('x', [3], values)]);
    assert.deepEqual(asFloat32(reply.outputs['y']), values.map((value) => 2 * value + 1));
    const labels = [...new BigInt64Array(Uint8Array.from(reply.outputs['label'] ?? []).buffer)];
    assert.deepEqual(labels, labels.map((_, row) => {
      const own = values.slice(row * 3, row * 3 + 3);
      return BigInt(own.indexOf(Math.max(...own)));
    }));
  }
  const label = await worker.ask(100, 1, [float32('x', [3], [1, 2, 3])], { outputs: ['label'] });
  assert.deepEqual(Object.keys(label.outputs), ['label']);
});

test('every dtype that the runtime carries goes in and comes out', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker, hello } = await broker.startWorker(ONNX, model('identity'));
  const arrays: Partial<Record<Dtype, NodeJS.TypedArray>> = {
    bool: Uint8Array.of(1, 0, 0, 1), int8: Int8Array.of(-128, 127, 0, 1), int16: Int16Array.of(-1, 2, 3, 4), int32: Int32Array.of(-1, 2, 3, 4),
    int64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n), uint8: Uint8Array.of(255, 0, 1, 2), uint16: Uint16Array.of(65_535, 0, 1, 2),
    uint32: Uint32Array.of(4_294_967_295, 0, 1, 2), uint64: BigUint64Array.of(2n ** 64n - 1n, 0n, 1n, 2n),
    float32: Float32Array.of(0.1, Infinity, -0, 4), float64: Float64Array.of(0.1, 1e300, -0, 4),
  };
  const tensors = (hello.inputs ?? []).filter(({ dtype }) => dtype !== 'bytes').map(({ name, dtype }): SentTensor => ({ name, dtype, shape: [2], data: new Uint8Array(arrays[dtype]?.buffer ?? new ArrayBuffer(0)) }));
  assert.equal(tensors.length, 11);
  const words = texts([['ä', ''], ['word', '日本']]);
  const reply = await worker.ask(1, 2, [...tensors, words]);
  for (const { name, data } of [...tensors, words]) assert.deepEqual(reply.outputs[`${name}_out`], Buffer.from(data), name);

  const bad = await worker.ask(2, 3, [...tensors.map((tensor) => ({ ...tensor, data: Buffer.concat([tensor.data, tensor.data.subarray(0, tensor.data.length / 2)]) })), texts([['a\0b', ''], ['fine', ''], [Buffer.of(0xff), '']])]);
  assert.deepEqual(bad.rows[0]?.at, [1]);
  assert.deepEqual(bad.rows[0].errors?.map(({ row, code }) => [row, code]), [[0, 'bad_input'], [2, 'bad_input']]);
});

test('of a model with outputs that cannot be handed over the others can be served', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker, hello } = await broker.startWorker(ONNX, model('sequence', { outputs: ['y'] }));
  assert.deepEqual(hello.outputs, [{ name: 'y', dtype: 'float32', shape: [2] }]);
  assert.deepEqual(asFloat32((await worker.ask(1, 1, [float32('x', [2], [1, 2])])).outputs['y']), [1, 2]);
});

const refusals: [string, Record<string, string>, RegExp][] = [
  ['a fixed batch axis', model('fixed-batch'), /input x has a fixed batch axis of 4.*\n.*output y has a fixed batch axis of 4/],
  ['a sequence output', model('sequence'), /output s is a sequence or a map.*zipmap=False/],
  ['float16', model('float16'), /input x is float16, which the runtime cannot run here/],
  ['bfloat16', model('bfloat16'), /bfloat16, which the runtime cannot run here/],
  ['a missing file', model('nowhere'), /nowhere\.onnx cannot be loaded: .*exist/],
  ['a file that is no model', { ...model('affine'), TRADEWIND_PATH: fileURLToPath(import.meta.url) }, /cannot be loaded/],
  ['no path', { TRADEWIND_OPTIONS: '{}' }, /needs the path of a model/],
  ['a provider that is not there', model('affine', { providers: ['cuda', 'cpu'] }), /execution provider cuda is not available on this machine/],
  ['an unknown provider', model('affine', { providers: ['abacus'] }), /option providers is not a list of cpu, cuda, tensorrt/],
  ['an unknown output', model('affine', { outputs: ['z'] }), /the model has no output z; it has label, y/],
];
test('what cannot be served is refused at the start, in words, without a stack', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  for (const [what, env, expected] of refusals) {
    const { code, stderr } = await broker.start(ONNX, env).ended;
    assert.equal(code, 1, what);
    assert.match(stderr, expected, what);
    assert.doesNotMatch(stderr, /\n\s+at /, what);
  }
});
