import type { Dtype } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';

/** What the runtime says of one input or output. */
export interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  /** Numbers are fixed extents; words are free ones, the batch axis among them. */
  readonly shape?: readonly (number | string)[];
}
export interface OnnxSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

const DTYPES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['float32', 'float32'], ['float64', 'float64'], ['bool', 'bool'], ['string', 'bytes'],
  ['int8', 'int8'], ['int16', 'int16'], ['int32', 'int32'], ['int64', 'int64'],
  ['uint8', 'uint8'], ['uint16', 'uint16'], ['uint32', 'uint32'], ['uint64', 'uint64'],
]);

/**
 * The model's signature, one row's shapes, from the session's metadata. `wanted` are the outputs to serve (undefined: all).
 * Throws one Error that says, for each input and output that cannot be served, why and what helps.
 */
export function readSignature(inputs: readonly ValueMetadata[], outputs: readonly ValueMetadata[], wanted: readonly string[] | undefined): OnnxSignature {
  const faults: string[] = [];
  const unknown = (wanted ?? []).filter((name) => !outputs.some((output) => output.name === name));
  for (const name of unknown) faults.push(`option outputs: the model has no output ${name}; it has ${outputs.map((output) => output.name).join(', ')}`);
  const signature = {
    inputs: inputs.flatMap((value) => readValue(value, `input ${value.name}`, faults)),
    outputs: outputs.filter(({ name }) => wanted?.includes(name) ?? true).flatMap((value) => readValue(value, `output ${value.name}`, faults)),
  };
  if (inputs.length === 0) faults.push('the model has no inputs');
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return signature;
}

function readValue(value: ValueMetadata, what: string, faults: string[]): TensorSpec[] {
  const refuse = (why: string): TensorSpec[] => {
    faults.push(`${what} ${why}`);
    return [];
  };
  if (!value.isTensor) return refuse('is a sequence or a map, which the runtime cannot hand over: export the model without it (scikit-learn: zipmap=False), or leave it out with the option outputs');
  const dtype = DTYPES.get(value.type ?? '');
  if (dtype === undefined) return refuse(`is ${value.type ?? 'of an unknown type'}, which the runtime cannot run here: convert it to float32`);
  const [batch, ...row] = value.shape ?? [];
  if (batch === undefined) return refuse('has no batch axis: its first axis must be the batch, of any extent');
  if (typeof batch === 'number') return refuse(`has a fixed batch axis of ${batch}: export the model with a dynamic first axis`);
  return [{ name: value.name, dtype, shape: row.map((extent) => (typeof extent === 'number' ? extent : -1)) }];
}
