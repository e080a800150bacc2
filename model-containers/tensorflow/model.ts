import type { TensorSpec } from '../../protos/wire.ts';
import type { Batch, Outputs, ServeOptions } from '../typescript/predict.ts';
import type { Tensor } from '../typescript/tensor.ts';
import type { Binding } from './binding.ts';
import type { TensorflowOptions } from './options.ts';
import type { ModelSignature, SignatureTensor } from './saved-model.ts';
import { fromBinding, toBinding } from './tensors.ts';

/** A SavedModel, ready to be served: what it takes and gives, and how a batch goes through it. */
export interface TensorflowModel {
  readonly serving: ServeOptions;
  readonly predict: (batch: Batch) => Outputs;
}

export interface LoadedFrom {
  readonly binding: Binding;
  readonly runtime: string;
  readonly folder: string;
  readonly signature: ModelSignature;
  readonly options: TensorflowOptions;
}

/** Loads the SavedModel. Throws an Error that says what is wrong with it, or that the device asked for is not there. */
export function loadModel({ binding, runtime, folder, signature, options }: LoadedFrom): TensorflowModel {
  const usesGpu = binding.isUsingGpuDevice();
  if (options.device.startsWith('gpu') && !usesGpu) throw new Error(`device ${options.device} is asked for, and ${runtime} finds no GPU`);
  const { inputs, outputs } = signature;
  const model = binding.loadSavedModel(folder, 'serve');
  const serving: ServeOptions = {
    inputs: specs('input', inputs),
    outputs: specs('output', outputs),
    warmUp: options.warmUp,
    kit: 'tradewind-tensorflow/0.1.0',
    about: { framework: `tensorflow ${binding.TF_Version}`, runtime, device: usesGpu ? 'gpu' : 'cpu', signature: options.signature, threads: options.threads },
    ...(options.maxBatch && { maxBatch: options.maxBatch }),
    ...(options.maxInFlight && { maxInFlight: options.maxInFlight }),
  };
  return { serving, predict: (batch) => run({ binding, model, inputs, outputs }, batch) };
}

/** The outputs that the options ask for. Throws an Error that names those which the signature does not have. */
export function chosenOutputs({ inputs, outputs }: ModelSignature, wanted: readonly string[] | undefined): ModelSignature {
  const unknown = (wanted ?? []).filter((name) => !outputs.some((output) => output.name === name));
  if (unknown.length > 0) throw new Error(`option outputs: the model has no output ${unknown.join(', ')}; it has ${outputs.map(({ name }) => name).join(', ')}`);
  return { inputs, outputs: outputs.filter(({ name }) => wanted?.includes(name) ?? true) };
}

interface Loaded extends ModelSignature {
  readonly binding: Binding;
  readonly model: number;
}

function run({ binding, model, inputs, outputs }: Loaded, batch: Batch): Outputs {
  const wanted = batch.wanted === undefined ? outputs : outputs.filter(({ name }) => batch.wanted?.includes(name));
  const held: number[] = [];
  try {
    for (const { name, type } of inputs) {
      const tensor = batch.inputs[name];
      if (tensor === undefined) throw new Error(`the batch has no input ${name}`);
      held.push(binding.createTensor(tensor.shape, type, toBinding(tensor)));
    }
    const results = binding.runSavedModel(model, held.slice(), nodes(inputs), nodes(wanted));
    held.push(...results.map(({ id }) => id));
    return Object.fromEntries(wanted.map((output, i): [string, Tensor] => {
      const result = results[i];
      if (result === undefined) throw new Error(`TensorFlow gave no output ${output.name}`);
      return [output.name, { dtype: output.dtype, shape: result.shape, data: fromBinding(output, binding.tensorDataSync(result.id)) } as Tensor];
    }));
  } finally {
    for (const id of held) binding.deleteTensor(id);
  }
}

function nodes(tensors: readonly SignatureTensor[]): string {
  return tensors.map(({ node }) => node).join(',');
}

/** One row's shapes. Throws one Error with every fault, one a line. */
function specs(what: string, tensors: readonly SignatureTensor[]): readonly TensorSpec[] {
  const faults: string[] = [];
  const found = tensors.flatMap(({ name, dtype, shape }): TensorSpec[] => {
    const [batch, ...row] = shape ?? [];
    if (batch === undefined) faults.push(`${what} ${name} has no batch axis: its first axis must be the batch, of any extent`);
    else if (batch !== -1 && what === 'input') faults.push(`${what} ${name} has a fixed batch axis of ${batch}: export the model with a free first axis`);
    return dtype === undefined ? [] : [{ name, dtype, shape: row }];
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return found;
}
