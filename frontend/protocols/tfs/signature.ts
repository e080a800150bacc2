import type { TensorSpec } from '../../../protos/wire.ts';
import type { OutputKind } from '../../domain/model.ts';
import type { Served } from '../../domain/served.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** What a request wants done, by the words that paths and `method_name` end in. */
export type Method = 'predict' | 'classify' | 'regress';

export const DEFAULT_SIGNATURE = 'serving_default';
export const METHOD_NAME: Readonly<Record<Method, string>> = Object.freeze({
  predict: 'tensorflow/serving/predict', classify: 'tensorflow/serving/classify', regress: 'tensorflow/serving/regress',
});
/** The signature, beside the default one, under which classify and regress are published. */
const OWN_NAME: Readonly<Record<Exclude<Method, 'predict'>, string>> = Object.freeze({ classify: 'classification', regress: 'regression' });

/** One signature of a model as its metadata tells it; shapes have the batch in front, -1. */
export interface PublishedSignature {
  readonly name: string;
  readonly method: Method;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * What a model can be asked: `serving_default` takes tensors; where its outputs are classes or one number, `classification` or
 * `regression` takes Examples. A request to classify or regress may also name `serving_default`, or none.
 */
export function publishedSignatures({ view, outputs }: Served): PublishedSignature[] {
  const signatures: PublishedSignature[] = [{
    name: DEFAULT_SIGNATURE, method: 'predict', inputs: (view.inputs ?? []).map(batched), outputs: (outputs?.tensors ?? []).map(batched),
  }];
  const examples: TensorSpec = { name: 'inputs', dtype: 'bytes', shape: [-1] };
  const kind = meaningOf(outputs);
  if (isClasses(kind)) {
    signatures.push({
      name: OWN_NAME.classify, method: 'classify', inputs: [examples],
      outputs: [{ name: 'classes', dtype: 'bytes', shape: [-1, -1] }, { name: 'scores', dtype: 'float32', shape: [-1, -1] }],
    });
  } else if (kind === 'value') {
    signatures.push({ name: OWN_NAME.regress, method: 'regress', inputs: [examples], outputs: [{ name: 'outputs', dtype: 'float32', shape: [-1] }] });
  }
  return signatures;
}

/** Why a request may not name this signature (empty: the default one) for this method; undefined where it may. */
export function signatureRefusal(served: Served, method: Method, signatureName: string): TfsRefusal | undefined {
  const name = signatureName === '' ? DEFAULT_SIGNATURE : signatureName;
  const known = name === DEFAULT_SIGNATURE || publishedSignatures(served).find((signature) => signature.name === name);
  if (known === undefined) return refuse('invalid_field', `Serving signature name: "${name}" not found in signature def`);
  if (method === 'predict') return known === true ? undefined : refuse('invalid_field', `Expected prediction signature method_name to be ${METHOD_NAME.predict}. Was: ${METHOD_NAME[known.method]}`);
  const kind = meaningOf(served.outputs);
  // A model whose outputs nobody knows yet is asked all the same: the road says what becomes of it.
  const fits = kind === undefined || (method === 'classify' ? isClasses(kind) : kind === 'value');
  if (fits && (known === true || known.method === method)) return undefined;
  const what = method === 'classify' ? 'classification' : 'regression';
  return refuse('invalid_field', `Expected ${what} signature method_name to be ${METHOD_NAME[method]}. Was: ${METHOD_NAME[known === true ? 'predict' : known.method]}`);
}

/** What the outputs mean: of a model that is asked by its own name, what the model's output does. */
export function meaningOf(outputs: Served['outputs']): OutputKind | undefined {
  return outputs?.model?.kind ?? outputs?.kind;
}

function isClasses(kind: OutputKind | undefined): boolean {
  return kind === 'label' || kind === 'probabilities' || kind === 'logits';
}

function batched(tensor: TensorSpec): TensorSpec {
  return { name: tensor.name, dtype: tensor.dtype, shape: [-1, ...tensor.shape] };
}
