import { PredictError, serve } from '../../../model-containers/typescript/serve.ts';

// An author's container, for the kit's conformance tests: y = 2x, later rather than at once. The first element of the
// batch chooses what goes wrong: -1 throws, -2 rejects with a code, -3 returns a row too few, -4 another dtype, -5 fails
// row 0 alone, -6 waits until row 0 is cancelled.

await serve(
  { inputs: [{ name: 'x', dtype: 'float32', shape: [2] }], outputs: [{ name: 'y', dtype: 'float32', shape: [2] }], maxBatch: 4096, maxInFlight: 2, warmUp: [1, 3] },
  async (batch) => {
    const { data } = batch.inputs['x'] ?? {};
    if (!(data instanceof Float32Array)) throw new TypeError('x is not float32');
    if (data[0] === -1) throw new Error('as asked');
    await new Promise((resolve) => setImmediate(resolve));
    if (data[0] === -2) throw new PredictError('bad_input', 'as asked');
    if (data[0] === -3) return { y: data.slice(2) };
    if (data[0] === -4) return { y: new Float64Array(data.length) };
    if (data[0] === -5) batch.fail(0, 'as asked', 'too_small');
    while (data[0] === -6 && !batch.isCancelled(0)) await new Promise((resolve) => setImmediate(resolve));
    return { y: data.map((value) => 2 * value) };
  },
);
