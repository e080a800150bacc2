import type { OutputTensor } from '../../domain/answer.ts';

/** The numbers of a tensor of scores, where they lie; undefined for other dtypes. Slabs are aligned to 8. */
export function scoresOf({ dtype, slab, offset, lengthBytes }: OutputTensor): Float32Array | Float64Array | undefined {
  const at = slab.bytes.byteOffset + offset;
  if (dtype === 'float32') return new Float32Array(slab.bytes.buffer, at, lengthBytes / 4);
  return dtype === 'float64' ? new Float64Array(slab.bytes.buffer, at, lengthBytes / 8) : undefined;
}

/** The index of the greatest score, the first of equals; undefined where the tensor holds no scores. */
export function topClass(tensor: OutputTensor): number | undefined {
  const scores = scoresOf(tensor);
  if (scores === undefined || scores.length === 0) return undefined;
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] ?? 0) > (scores[best] ?? 0)) best = i;
  return best;
}
