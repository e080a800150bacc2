import { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Batch, Output } from '../typescript/predict.ts';
import type { Tensor, TensorData } from '../typescript/tensor.ts';
import { elementCount } from '../typescript/tensor.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The runtime's tensor over the same memory; only strings are copied. Rows whose bytes are no text it can carry fail. */
export function toOnnx(tensor: Tensor, batch: Batch): OnnxTensor {
  if (tensor.dtype === 'bytes') return new OnnxTensor('string', toStrings(tensor.data, batch, elementCount(tensor.shape.slice(1))), tensor.shape);
  return new OnnxTensor(tensor.dtype as 'float32', tensor.data as Float32Array, tensor.shape);
}

/** The kit's view of what the runtime returned. */
export function fromOnnx(tensor: OnnxTensor): Output {
  if (tensor.type === 'string') return { dtype: 'bytes', shape: tensor.dims, data: (tensor.data as string[]).map((text) => Buffer.from(text)) };
  return { dtype: tensor.type, shape: tensor.dims, data: tensor.data as TensorData } as Tensor;
}

function toStrings(elements: readonly Uint8Array[], batch: Batch, perRow: number): string[] {
  return elements.map((element, at) => {
    const row = Math.floor(at / perRow);
    try {
      // The runtime's strings end at the first NUL: it would cut the text off without a word.
      if (!element.includes(0)) return utf8.decode(element);
      batch.fail(row, 'a text holds a NUL byte, which the runtime cannot carry', 'bad_input');
    } catch {
      batch.fail(row, 'a text is not UTF-8', 'bad_input');
    }
    return '';
  });
}
