import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { predictRowCount, predictRows, readPredictRequest, writePredictResponse } from '../../../../../frontend/grpc/tfs/predict-codec.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { SEED, seeded } from '../../../../support/random.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

const slabs = new SlabArena({ poison: true });
const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
const Y: TensorSpec = { name: 'y', dtype: 'int64', shape: [] };
const LIMITS = { slabs, maxBytes: 4096 };

function floats(rows: number): Record<string, unknown> {
  return { dtype: 1, tensorShape: { dim: [{ size: rows }, { size: 2 }] }, floatVal: [1] };
}
function integers(rows: number): Record<string, unknown> {
  return { dtype: 9, tensorShape: { dim: [{ size: rows }] }, int64Val: [7] };
}
/** Rows and batch key of a request's tensors, or the refusal; nothing is held afterwards. */
function rows(inputs: Record<string, unknown>, specs: readonly TensorSpec[]): string {
  const message = encode('PredictRequest', { inputs });
  const request = readPredictRequest(message);
  assert.ok(!('code' in request));
  const read = predictRows(message, request, servedModel('m', specs, undefined), LIMITS);
  if (!('code' in read)) for (const { slab } of read.columns) slabs.release(slab);
  assert.equal(slabs.usedSlabs, 0);
  return 'code' in read ? `${read.code}: ${read.message}` : `${read.rows} ${read.batchKey}`;
}

test('what a request says beside its tensors', () => {
  const request = readPredictRequest(encode('PredictRequest', { modelSpec: { name: 'm', version: { value: 2 } }, inputs: { x: floats(1) }, outputFilter: ['a', 'b'] }));
  assert.ok(!('code' in request));
  assert.deepEqual({ spec: request.spec, names: [...request.inputs.keys()], outputFilter: request.outputFilter }, { spec: { name: 'm', signatureName: '', version: 2 }, names: ['x'], outputFilter: ['a', 'b'] });
});

test('tensors become rows of the model\'s inputs, whatever their order', () => {
  assert.equal(rows({ y: integers(3), x: floats(3) }, [X, Y]), '3 "x":float32[2];"y":int64[]');
});

test('names and batches that do not fit are refused, and nothing is held', () => {
  assert.equal(rows({ z: floats(1) }, [X, Y]), 'unknown_input: input size does not match signature: 1!=2 len({z}) != len({x,y}). Sent extra: {z}. Missing but required: {x,y}.');
  assert.match(rows({ x: floats(1) }, [X, Y]), /^missing_input: .*Missing but required: \{y\}/);
  assert.equal(rows({ x: floats(2), y: integers(3) }, [X, Y]), 'wrong_shape: Input tensor: y has inconsistent batch size: 3 expecting: 2');
  assert.match(rows({ x: floats(2), y: floats(2) }, [X, Y]), /^wrong_dtype/);
});

test('rows for inputs that nobody knows yet are counted by the batch dimension', () => {
  const counted = (inputs: Record<string, object>): string => {
    const request = readPredictRequest(encode('PredictRequest', { inputs }));
    const read = 'code' in request ? request : predictRowCount(request);
    return 'code' in read ? read.code : String(read.rows);
  };
  const huge = { dtype: 1, tensorShape: { dim: [{ size: 4097 }] } };
  assert.deepEqual([{ x: floats(3), y: integers(3) }, {}, { x: { dtype: 1, floatVal: [1] } }, { x: floats(0) }, { x: huge }, { x: floats(2), y: integers(3) }].map(counted), ['3', 'missing_input', 'wrong_shape', 'empty_inputs', 'too_many_rows', 'wrong_shape']);
});

test('a request names a bounded number of things', () => {
  const many = Array.from({ length: 300 }, (_, i) => `o${i}`);
  assert.ok('code' in readPredictRequest(encode('PredictRequest', { outputFilter: many })));
  assert.ok('code' in readPredictRequest(encode('PredictRequest', { inputs: Object.fromEntries(many.map((name) => [name, {}])) })));
});

test('an answer is read by others, and says the version', () => {
  const data = new Uint8Array(Float32Array.of(1, 2).buffer);
  const message = writePredictResponse([{ name: 'y', dtype: 'float32', shape: [2], bytes: 8, write: (target, at) => target.set(data, at) }], 'm', 3, 'serving_default');
  assert.deepEqual(decode('PredictResponse', message), {
    outputs: { y: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '2' }] }, floatVal: [1, 2] } }, modelSpec: { name: 'm', version: { value: '3' }, signatureName: 'serving_default' },
  });
});

test(seeded('no bytes make more of a request than a refusal, and none hold memory'), () => {
  const whole = encode('PredictRequest', { modelSpec: { name: 'm' }, inputs: { x: floats(2), y: integers(2) } });
  const model = servedModel('m', [X, Y], undefined);
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.nat(whole.length), (changes, end) => {
    const message = Buffer.from(whole.subarray(0, end === 0 ? whole.length : end));
    for (const [at, byte] of changes) if (at < message.length) message[at] = byte;
    try {
      const request = readPredictRequest(message);
      if ('code' in request) return;
      const read = predictRows(message, request, model, LIMITS);
      if (!('code' in read)) for (const { slab } of read.columns) slabs.release(slab);
    } catch (error) {
      assert.equal((error as Error).name, 'WireError', String(error));
    } finally {
      assert.equal(slabs.usedSlabs, 0);
    }
  }), { seed: SEED, numRuns: 5000 });
});
