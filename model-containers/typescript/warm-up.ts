import { StartError } from './environment.ts';
import { describe } from './failure.ts';
import type { Predict, ServeOptions } from './predict.ts';
import { checkOutputs } from './check-outputs.ts';
import type { Tensor } from './tensor.ts';
import { elementCount, zeros } from './tensor.ts';

/**
 * Predicts one batch of zeros of each size in `warmUp` (free extents are 1), so that the first real batch finds caches,
 * threads and compiled code in place. What fails here fails the start: better than a replica that is ready and cannot serve.
 */
export async function warmUp(options: ServeOptions, predict: Predict): Promise<void> {
  if (options.warmUp === undefined || options.warmUp.length === 0) return;
  const { inputs } = options;
  if (inputs === undefined) throw new StartError('warm-up needs the signature of the inputs');
  for (const rows of options.warmUp) {
    if (!Number.isSafeInteger(rows) || rows < 1 || rows > (options.maxBatch ?? rows)) throw new StartError(`warm-up size ${rows} is not from 1 to ${options.maxBatch ?? 'the largest batch'}`);
    const tensors: Record<string, Tensor> = {};
    for (const { name, dtype, shape } of inputs) {
      const row = shape.map((extent) => (extent === -1 ? 1 : extent));
      tensors[name] = { dtype, shape: [rows, ...row], data: zeros(dtype, rows * elementCount(row)) } as Tensor;
    }
    let failed = 0;
    try {
      const outputs = await predict({
        rows, inputs: tensors, wanted: undefined, budgetMicros: Number.MAX_SAFE_INTEGER, signature: undefined, params: {}, traceparent: undefined,
        isCancelled: () => false,
        fail: () => { failed++; },
      });
      if (failed === 0) checkOutputs(outputs, rows, undefined, options.outputs);
    } catch (error) {
      throw new StartError(`warm-up with ${rows} rows failed: ${describe(error)}`, { cause: error });
    }
  }
}
