import type { BatchHeader, TensorPart, TensorSpec } from '../../protos/wire.ts';
import { padTo8 } from '../../protos/wire.ts';
import { PredictError } from './predict.ts';
import type { Tensor } from './tensor.ts';
import { cutElements, elementCount, shapeText, viewElements } from './tensor.ts';

/**
 * The tensors of a batch as views into its payload. `header` has been parsed, so that its parts fill the payload; what
 * does not fit the signature throws `PredictError` `bad_input`, which fails the batch and not the connection.
 */
export function readInputs(header: BatchHeader, payload: Buffer, specs: readonly TensorSpec[] | undefined): Readonly<Record<string, Tensor>> {
  const inputs: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  let end = 0;
  for (const part of header.inputs) {
    const offset = padTo8(end);
    end = offset + part.bytes;
    // The signature's own text: as a key it is found quicker than one that has just been read.
    const name = specs === undefined ? part.name : specOf(part, specs).name;
    if (name in inputs) throw new PredictError('bad_input', `input ${name} was given twice`);
    inputs[name] = readTensor(part, header.rows, payload, offset);
  }
  for (const spec of specs ?? []) {
    if (!(spec.name in inputs)) throw new PredictError('bad_input', `input ${spec.name} is missing`);
  }
  return inputs;
}

function readTensor(part: TensorPart, rows: number, payload: Buffer, offset: number): Tensor {
  const shape = [rows, ...part.shape];
  const ragged = part.shapes === undefined ? {} : { rowShapes: part.shapes };
  if (part.dtype !== 'bytes') return { dtype: part.dtype, shape, data: viewElements(part.dtype, payload, offset, part.bytes), ...ragged } as Tensor;
  const data: Buffer[] = [];
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const length = part.lengths?.[row] ?? 0;
    const count = elementCount(part.shapes?.[row] ?? part.shape);
    const elements = cutElements(payload, at, length, count);
    if (elements === undefined) throw new PredictError('bad_input', `input ${part.name}, row ${row}: its ${length} bytes do not hold ${count} elements`);
    for (const element of elements) data.push(element);
    at += length;
  }
  return { dtype: 'bytes', shape, data, ...ragged };
}

/** What the signature says of this part, which has been held against it. */
function specOf(part: TensorPart, specs: readonly TensorSpec[]): TensorSpec {
  const spec = specs.find(({ name }) => name === part.name);
  if (spec === undefined) throw new PredictError('bad_input', `the model has no input ${part.name}; it has ${specs.map(({ name }) => name).join(', ')}`);
  if (spec.dtype !== part.dtype) throw new PredictError('bad_input', `input ${part.name} is ${part.dtype}; the model expects ${spec.dtype}`);
  if (part.shapes === undefined) {
    if (!fits(part.shape, spec.shape)) throw new PredictError('bad_input', `input ${part.name} has rows of shape ${shapeText(part.shape)}; the model expects ${shapeText(spec.shape)}`);
    return spec;
  }
  if (spec.ragged !== true) throw new PredictError('bad_input', `input ${part.name}: its rows differ in shape, and it is not declared ragged`);
  for (const [row, shape] of part.shapes.entries()) {
    if (!fits(shape, spec.shape)) throw new PredictError('bad_input', `input ${part.name}, row ${row} has shape ${shapeText(shape)}; the model expects ${shapeText(spec.shape)}`);
  }
  return spec;
}

/** Whether a shape is one that the declared shape (-1: any extent) allows. */
export function fits(shape: readonly number[], declared: readonly number[]): boolean {
  return shape.length === declared.length && shape.every((extent, axis) => declared[axis] === -1 || declared[axis] === extent);
}
