import type { Tensor, TensorData } from '../typescript/tensor.ts';
import type { BindingData } from './binding.ts';
import type { SignatureTensor } from './saved-model.ts';

/** Element types that the binding takes, and gives back. */
const TAKEN: ReadonlySet<string | undefined> = new Set(['float32', 'int32', 'int64', 'bool', 'uint8', 'bytes']);
const GIVEN: ReadonlySet<string | undefined> = new Set(['float32', 'int32', 'int64', 'bool', 'bytes']);

/** Why the binding cannot carry the inputs and outputs; empty where it can. */
export function notCarried(inputs: readonly SignatureTensor[], outputs: readonly SignatureTensor[]): readonly string[] {
  return [
    ...inputs.filter(({ dtype }) => !TAKEN.has(dtype)).map(({ name, dtype, type }) => `input ${name} is ${dtype ?? `of type ${type}`}, which Node's binding does not take`),
    ...outputs.filter(({ dtype }) => !GIVEN.has(dtype)).map(({ name, dtype, type }) => `output ${name} is ${dtype ?? `of type ${type}`}, which Node's binding does not give`),
    ...outputs.filter(({ shape }) => shape === undefined).map(({ name }) => `output ${name} has no shape in the signature`),
  ];
}

/** The same memory as the binding wants it. */
export function toBinding(tensor: Tensor): BindingData {
  const { data } = tensor;
  return data instanceof BigInt64Array ? new Int32Array(data.buffer, data.byteOffset, data.length * 2) : data as BindingData;
}

/** What the binding gave, as the kit wants it. */
export function fromBinding({ dtype }: SignatureTensor, data: BindingData): TensorData {
  return dtype === 'int64' && data instanceof Int32Array ? new BigInt64Array(data.buffer as ArrayBuffer, data.byteOffset, data.length) : data;
}
