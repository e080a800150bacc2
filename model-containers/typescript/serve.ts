import { openContainer } from './container.ts';
import type { Predict, ServeOptions } from './predict.ts';

export type { Batch, Output, Outputs, Predict, ServeOptions } from './predict.ts';
export { PredictError } from './predict.ts';
export type { DataOf, Tensor, TensorData, TensorOf } from './tensor.ts';
export { rowSpan } from './tensor.ts';
export { openContainer } from './container.ts';
export type { Container } from './container.ts';

/**
 * Serves `predict` as one replica, started as the environment says (model-containers/README.md). All that an author
 * writes; a program that first loads a model from `path` calls `openContainer` before, and `serve` on what it gives.
 */
export function serve(options: ServeOptions, predict: Predict): Promise<void> {
  return openContainer().serve(options, predict);
}
