/**
 * Element types of tensors: those of the Open Inference Protocol, under the words that this code uses everywhere
 * (doors whose protocol has its own words translate).
 *
 * `bytes` is the one type of variable size: each element is a u32 little-endian length followed by that many bytes.
 */
export type Dtype =
  | 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64'
  | 'float16' | 'bfloat16' | 'float32' | 'float64' | 'bytes';

/** Bytes of one element; 0 for `bytes`, whose elements say their own length. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = Object.freeze({
  bool: 1, int8: 1, int16: 2, int32: 4, int64: 8, uint8: 1, uint16: 2, uint32: 4, uint64: 8,
  float16: 2, bfloat16: 2, float32: 4, float64: 8, bytes: 0,
});

export const DTYPES: readonly Dtype[] = Object.freeze(Object.keys(DTYPE_BYTES) as Dtype[]);

export function isDtype(word: unknown): word is Dtype {
  return typeof word === 'string' && Object.hasOwn(DTYPE_BYTES, word);
}
