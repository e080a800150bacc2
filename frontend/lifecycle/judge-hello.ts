import type { Dtype } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import type { ModelSpec, Signature } from '../domain/model.ts';
import type { Refusal } from '../domain/runtime.ts';

const SCORES: readonly Dtype[] = Object.freeze(['float32', 'float64']);
const NUMBERS: readonly Dtype[] = Object.freeze([
  'bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64',
]);

/**
 * Whether a container may serve this model version: its signature must fit what the configuration says of inputs and
 * output, and be that of its siblings (`sibling`: one of them). A container that names no outputs is believed; each of
 * its answers is checked all the same.
 */
export function judgeSignature(signature: Signature, spec: ModelSpec, sibling: Signature | undefined): Refusal | undefined {
  if (sibling !== undefined && !sameSignature(signature, sibling)) {
    const said = `${describe(signature)}; its siblings: ${describe(sibling)}`;
    return { code: 'signature_mismatch', message: `its signature is not that of the other replicas: ${said}` };
  }
  const input = againstInputs(signature.inputs, spec.input);
  if (input !== undefined) return { code: 'bad_signature', message: input };
  const output = againstOutput(signature.outputs, spec.output);
  return output === undefined ? undefined : { code: 'wrong_output', message: output };
}

/** Same tensors in the same order, name by name and extent by extent. */
export function sameSignature(a: Signature, b: Signature): boolean {
  return describe(a) === describe(b);
}

function describe({ inputs, outputs }: Signature): string {
  const all = (specs: readonly TensorSpec[]): string => specs.map(describeSpec).join(', ');
  return `${all(inputs)} → ${all(outputs)}`;
}

function describeSpec({ name, dtype, shape, ragged }: TensorSpec): string {
  return `${JSON.stringify(name)} ${dtype}[${shape.join(', ')}]${ragged === true ? ' ragged' : ''}`;
}

function againstInputs(said: readonly TensorSpec[], wanted: readonly TensorSpec[] | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  if (said.length !== wanted.length) return `it has ${said.length} inputs; the configuration declares ${wanted.length}`;
  for (const want of wanted) {
    // A single input may go by any name: there is no doubt which one is meant.
    const have = said.length === 1 ? said[0] : said.find(({ name }) => name === want.name);
    if (have === undefined) return `it has no input "${want.name}", which the configuration declares`;
    if (have.dtype !== want.dtype || !overlap(have.shape, want.shape)) {
      return `its input ${describeSpec(have)} is not what the configuration declares: ${describeSpec(want)}`;
    }
  }
  return undefined;
}

function overlap(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === -1 || b[axis] === -1 || extent === b[axis]);
}

function againstOutput(outputs: readonly TensorSpec[], wanted: ModelSpec['output']): string | undefined {
  if (outputs.length === 0) return undefined;
  const names = outputs.map(({ name }) => name).join(', ');
  if (wanted.name !== undefined && !outputs.some(({ name }) => name === wanted.name)) return `it has no output "${wanted.name}"; it has ${names}`;
  if (wanted.kind === 'raw') return undefined;
  const output = outputs.find(({ name }) => name === wanted.name) ?? outputs[0];
  if (output === undefined || (wanted.name === undefined && outputs.length > 1)) {
    return `it has several outputs (${names}): the configuration must name the one that is its ${wanted.kind}`;
  }
  return againstKind(output, wanted);
}

function againstKind(output: TensorSpec, { kind, classNames }: ModelSpec['output']): string | undefined {
  const said = `its output ${describeSpec(output)} cannot be ${kind}`;
  const elements = output.shape.includes(-1) ? undefined : output.shape.reduce((product, extent) => product * extent, 1);
  switch (kind) {
    case 'raw': return undefined;
    case 'probabilities': case 'logits':
      if (!SCORES.includes(output.dtype) || output.shape.length === 0) return `${said}: a row of float32 or float64 is expected`;
      if (classNames !== undefined && elements !== undefined && elements !== classNames.length) return `${said}: there are ${classNames.length} class names`;
      return undefined;
    case 'label':
      return isSingle(elements) && (output.dtype === 'bytes' || NUMBERS.includes(output.dtype)) ? undefined : `${said}: one number or text a row is expected`;
    case 'value':
      return isSingle(elements) && NUMBERS.includes(output.dtype) ? undefined : `${said}: one number a row is expected`;
  }
}

function isSingle(elements: number | undefined): boolean {
  return elements === undefined || elements === 1;
}
