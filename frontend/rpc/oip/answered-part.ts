import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import { dtypeOfOip } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { OutputColumn, OutputPart } from '../../domain/replica.ts';
import { againstSignature } from '../rows-decoder.ts';
import type { Answered, AnsweredTensor } from './server.ts';

export interface AnsweredBatch {
  readonly rows: number;
  /** The answer has no batch dimension: it is that of the one row. */
  readonly unbatched: boolean;
  /** What the metadata promised; empty: nothing. */
  readonly outputs: readonly TensorSpec[];
}

/** Splits an answer by rows. A string says how it is not one to this batch: nothing of it may then be used. */
export function partOf({ payload, tensors }: Answered, batch: AnsweredBatch): OutputPart | string {
  const columns: OutputColumn[] = [];
  for (const tensor of tensors) {
    const column = layOut(payload, tensor, batch);
    if (typeof column === 'string') return `output "${tensor.name}" ${column}`;
    columns.push(column);
  }
  return columns.length === 0 ? 'an answer without outputs' : againstSignature(columns.map(({ part }) => part), batch.outputs) ?? { payload, columns };
}

function layOut(payload: Buffer, tensor: AnsweredTensor, { rows, unbatched }: AnsweredBatch): OutputColumn | string {
  const { name, datatype, offset, bytes } = tensor;
  const dtype = dtypeOfOip(datatype);
  if (dtype === undefined) return `is of datatype "${datatype}", which the protocol does not have`;
  const said = `has the shape [${tensor.shape.join(', ')}]`;
  if (!tensor.shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) return said;
  if (!unbatched && tensor.shape[0] !== rows) return `${said} in the answer to ${rows} rows`;
  const shape = unbatched ? tensor.shape : tensor.shape.slice(1);
  const elements = shape.reduce((product, extent) => product * extent, 1);
  const part = { name, dtype, shape, bytes };
  if (dtype !== 'bytes') {
    const rowBytes = elements * DTYPE_BYTES[dtype];
    return rowBytes * rows === bytes ? { part, offset, rowBytes } : `${said} and ${bytes} bytes; expected ${rowBytes * rows}`;
  }
  const spans = spansOf(payload, tensor, rows, elements);
  return spans === undefined ? `${said}, but its ${bytes} bytes are not ${elements * rows} elements` : { part: { ...part, lengths: spans.lengths }, offset, rowBytes: -1, spans };
}

/** Where each row of an output of texts begins and how long it is; undefined where the elements do not come out even. */
function spansOf(payload: Buffer, { offset, bytes }: AnsweredTensor, rows: number, elements: number): { offsets: number[]; lengths: number[] } | undefined {
  const offsets: number[] = [];
  const lengths: number[] = [];
  // Each element takes four bytes at least: no loop is longer than the answer.
  if (elements * rows * 4 > bytes) return undefined;
  const end = offset + bytes;
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const start = at;
    for (let element = 0; element < elements; element++) {
      if (at + 4 > end) return undefined;
      at += 4 + payload.readUInt32LE(at);
      if (at > end) return undefined;
    }
    offsets.push(start);
    lengths.push(at - start);
  }
  return at === end ? { offsets, lengths } : undefined;
}
