import type { AnswerRow, OutputTensor } from '../domain/answer.ts';
import type { SlabPool } from '../domain/slabs.ts';

/** A row with its objects; a tensor with its own, beside its bytes, name and shape; what the memory of all tensors is. */
const ROW_BYTES = 144;
const TENSOR_BYTES = 160;
const MEMORY_BYTES = 256;
const CHARACTER_BYTES = 2;
const EXTENT_BYTES = 8;

/** Slabs of ours are not the pool's; nobody counts their users. */
const NO_POOL = -1;

/** The row as the cache keeps it: said to be cached, its tensors in memory of their own, which no pool uses anew. */
export function keepRow(row: AnswerRow): AnswerRow {
  const { output } = row;
  if (output.kind !== 'tensors') return Object.freeze({ ...row, cached: true as const });
  let bytes = 0;
  for (const tensor of output.tensors) bytes += (tensor.lengthBytes + 7) & ~7;
  const slab = { index: NO_POOL, bytes: new Uint8Array(bytes) };
  let offset = 0;
  const tensors = output.tensors.map((tensor): OutputTensor => {
    const at = offset;
    slab.bytes.set(tensor.slab.bytes.subarray(tensor.offset, tensor.offset + tensor.lengthBytes), at);
    offset += (tensor.lengthBytes + 7) & ~7;
    return { ...tensor, slab, offset: at };
  });
  return Object.freeze({ ...row, cached: true as const, output: { kind: 'tensors' as const, tensors } });
}

/** A kept row for one answer: tensors in the pool's memory, one holder for each, as those of any answer. */
export function giveRow(row: AnswerRow, slabs: SlabPool): AnswerRow {
  const { output } = row;
  if (output.kind !== 'tensors') return row;
  const tensors = output.tensors.map((tensor): OutputTensor => {
    const { slab, offset } = slabs.allocate(tensor.lengthBytes);
    slab.bytes.set(tensor.slab.bytes.subarray(tensor.offset, tensor.offset + tensor.lengthBytes), offset);
    return { ...tensor, slab, offset };
  });
  return { ...row, output: { kind: 'tensors', tensors } };
}

/** What a kept row takes of the heap. */
export function rowBytes({ output }: AnswerRow): number {
  if (output.kind === 'label' && typeof output.label === 'string') return ROW_BYTES + output.label.length * CHARACTER_BYTES;
  if (output.kind !== 'tensors') return ROW_BYTES;
  let bytes = ROW_BYTES + MEMORY_BYTES;
  for (const { name, shape, lengthBytes } of output.tensors) {
    bytes += TENSOR_BYTES + name.length * CHARACTER_BYTES + shape.length * EXTENT_BYTES + ((lengthBytes + 7) & ~7);
  }
  return bytes;
}
