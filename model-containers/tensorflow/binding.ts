import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Runtime } from './options.ts';

/**
 * The part of @tensorflow/tfjs-node's native binding that a SavedModel needs (dist/tfjs_binding.d.ts there). Every call is
 * synchronous and throws what TensorFlow says. Tensors live until `deleteTensor`.
 */
export interface Binding {
  /** int64 goes in as the Int32Array over the same bytes, text as one Uint8Array an element. */
  createTensor(shape: readonly number[], type: number, data: BindingData): number;
  deleteTensor(id: number): void;
  /** int64 comes as an Int32Array whose buffer holds all the bytes, twice what its length says. */
  tensorDataSync(id: number): BindingData;
  loadSavedModel(folder: string, tags: string): number;
  /** Names of nodes, separated by commas. */
  runSavedModel(model: number, inputs: readonly number[], inputNodes: string, outputNodes: string): readonly BindingTensor[];
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
}
export interface BindingTensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}
export type BindingData = Float32Array | Int32Array | Uint8Array | readonly Uint8Array[];

/** Where prepare.sh puts the binding of each package. */
const FOLDERS = Object.freeze({ 'tfjs-node-gpu': 'gpu', 'tfjs-node': 'cpu' } satisfies Record<Exclude<Runtime, 'python'>, string>);

/** The native binding; a string says why there is none. What the environment says to TensorFlow must be said before. */
export function openBinding(runtime: keyof typeof FOLDERS): Binding | string {
  const file = fileURLToPath(new URL(`./.tensorflow/${FOLDERS[runtime]}/tfjs_binding.node`, import.meta.url));
  if (!existsSync(file)) return `${runtime} is not prepared on this machine (model-containers/tensorflow/prepare.sh)`;
  try {
    return createRequire(import.meta.url)(file) as Binding;
  } catch (error) {
    return `${runtime} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
}
