import type { Dtype } from '../../../protos/dtype.ts';
import { OIP_DATATYPE } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Served } from '../../domain/served.ts';
import { MOST_ROWS } from './input-plan.ts';

/** What `GET v2` and `ServerMetadata` say. */
export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

/** The extensions of Triton that are spoken here, and wholly. */
const EXTENSIONS: readonly string[] = Object.freeze([
  'binary_tensor_data', 'classification', 'model_configuration', 'model_repository', 'parameters', 'schedule_policy', 'statistics',
]);

export function serverMetadata(version: string): ServerMetadata {
  return { name: 'tradewind', version, extensions: EXTENSIONS };
}

/** A tensor as metadata has it: with the rows in front, -1 for any number of them. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** What `GET v2/models/M` and `ModelMetadata` say; inputs and outputs that nobody knows yet are none. */
export function modelMetadata({ name, versions, platform, view, outputs }: Served): ModelMetadata {
  return {
    name, versions: versions.map(({ version }) => String(version)), platform: `tradewind_${platform}`,
    inputs: (view.inputs ?? []).map(tensorMetadata), outputs: (outputs?.tensors ?? []).map(tensorMetadata),
  };
}

function tensorMetadata({ name, dtype, shape }: TensorSpec): TensorMetadata {
  return { name, datatype: OIP_DATATYPE[dtype], shape: [-1, ...shape] };
}

/** One input or output as Triton's model configuration has it: without the rows. */
export interface ConfiguredTensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
}

/** Of Triton's model configuration what its clients need, in the names of its JSON form. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  /** Most rows of one request. */
  readonly max_batch_size: number;
  readonly input: readonly ConfiguredTensor[];
  readonly output: readonly ConfiguredTensor[];
  readonly dynamic_batching: { readonly preferred_batch_size: readonly number[]; readonly max_queue_delay_microseconds: number };
}

export function modelConfig({ name, platform, view, outputs, maxBatch }: Served): ModelConfig {
  return {
    name, platform: `tradewind_${platform}`, backend: 'tradewind', max_batch_size: MOST_ROWS,
    input: (view.inputs ?? []).map(configuredTensor), output: (outputs?.tensors ?? []).map(configuredTensor),
    dynamic_batching: { preferred_batch_size: [maxBatch], max_queue_delay_microseconds: 0 },
  };
}

function configuredTensor({ name, dtype, shape }: TensorSpec): ConfiguredTensor {
  return { name, data_type: `TYPE_${CONFIG_TYPE[dtype]}`, dims: shape.length === 0 ? [1] : shape };
}

/** Triton's configuration has its own word for text. */
const CONFIG_TYPE: Readonly<Record<Dtype, string>> = Object.freeze({ ...OIP_DATATYPE, bytes: 'STRING' });
