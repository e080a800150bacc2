import type { TensorSpec } from '../../protos/wire.ts';

/**
 * A word that is equal for two queries exactly when their rows may share a batch: names, dtypes and row shapes (where rows are
 * ragged, with -1 in the extents that differ).
 */
export function batchKeyOf(inputs: readonly Pick<TensorSpec, 'name' | 'dtype' | 'shape'>[], shapes: readonly (readonly number[])[]): string {
  return inputs.map((input, i) => `${JSON.stringify(input.name)}:${input.dtype}[${(shapes[i] ?? input.shape).join(',')}]`).join(';');
}
