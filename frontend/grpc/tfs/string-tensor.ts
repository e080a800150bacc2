import { ProtoReader } from '../../../protos/protobuf.ts';
import type { InputColumn } from '../../domain/query.ts';
import { refuse, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import type { TensorHead, TensorLimits } from './tensor-head.ts';

/** A piece of the message. */
interface Span {
  readonly from: number;
  readonly length: number;
}

const STRING_VAL = 8;
/** Before each element: its length. */
const LENGTH_BYTES = 4;

/** A tensor of DT_STRING as a column: from `string_val`, the last repeated, or from `tensor_content`: all lengths, then all bytes. */
export function stringColumn(message: Buffer, tensor: TensorHead, { name, shape, rows, elements }: { name: string; shape: readonly number[]; rows: number; elements: number }, { slabs, maxBytes }: TensorLimits): InputColumn | TfsRefusal {
  const wanted = rows * elements;
  const spans = tensor.content.length > 0 ? contentSpans(message, tensor.content, wanted) : valueSpans(message, tensor, wanted);
  if (typeof spans === 'string') return refuse('wrong_shape', `Input tensor: ${name}: ${spans}`);
  const last = spans.at(-1) ?? { from: 0, length: 0 };
  const total = spans.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0) + (wanted - spans.length) * (LENGTH_BYTES + last.length);
  if (total > maxBytes) return refuse('body_too_large', `Input tensor: ${name} has more than ${maxBytes} bytes`);
  const { slab, offset } = slabs.allocate(total);
  const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.length);
  const offsets: number[] = [];
  const lengths: number[] = [];
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const begin = at;
    for (let element = 0; element < elements; element++) {
      const { from, length } = spans[row * elements + element] ?? last;
      view.setUint32(at, length, true);
      slab.bytes.set(message.subarray(from, from + length), at + LENGTH_BYTES);
      at += LENGTH_BYTES + length;
    }
    offsets.push(begin);
    lengths.push(at - begin);
  }
  return { name, dtype: 'bytes', shape, slab, offset, strideBytes: 0, rowBytes: 0, spans: { offsets, lengths } };
}

function valueSpans(message: Buffer, { at }: TensorHead, wanted: number): Span[] | string {
  const reader = new ProtoReader(message, at.from, at.from + at.length);
  const spans: Span[] = [];
  while (reader.next()) {
    if (reader.field !== STRING_VAL) reader.skip();
    else if (spans.length >= wanted) return 'more values than the shape has elements';
    else spans.push(reader.span());
  }
  return spans;
}

function contentSpans(message: Buffer, content: Span, wanted: number): Span[] | string {
  const end = content.from + content.length;
  const reader = new ProtoReader(message, content.from, end);
  const lengths: number[] = [];
  let bytes = 0;
  // One byte is the least that a length takes.
  if (wanted > content.length) return 'tensor_content holds fewer strings than the shape has elements';
  for (let i = 0; i < wanted; i++) {
    const length = reader.varint();
    if (!(length >= 0 && length <= content.length)) return 'tensor_content holds no strings';
    lengths.push(length);
    bytes += length;
  }
  const spans: Span[] = [];
  let from = end - bytes;
  if (from < content.from || from !== reader.at) return 'tensor_content holds no strings';
  for (const length of lengths) {
    spans.push({ from, length });
    from += length;
  }
  return spans;
}
