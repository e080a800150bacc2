import { DTYPES, type Dtype } from './dtype.ts';

/** Numbers of `tensorflow.DataType` (types.proto) for the element types that are served. */
const NUMBER: Readonly<Record<Dtype, number>> = Object.freeze({
  float32: 1, float64: 2, int32: 3, uint8: 4, int16: 5, int8: 6, bytes: 7, int64: 9, bool: 10, bfloat16: 14, uint16: 17, float16: 19, uint32: 22, uint64: 23,
});
const WORD: Readonly<Record<Dtype, string>> = Object.freeze({
  float32: 'DT_FLOAT', float64: 'DT_DOUBLE', int32: 'DT_INT32', uint8: 'DT_UINT8', int16: 'DT_INT16', int8: 'DT_INT8', bytes: 'DT_STRING', int64: 'DT_INT64',
  bool: 'DT_BOOL', bfloat16: 'DT_BFLOAT16', uint16: 'DT_UINT16', float16: 'DT_HALF', uint32: 'DT_UINT32', uint64: 'DT_UINT64',
});
const BY_NUMBER: ReadonlyMap<number, Dtype> = new Map(DTYPES.map((dtype) => [NUMBER[dtype], dtype]));

/** The enum's number. */
export function tensorflowNumber(dtype: Dtype): number {
  return NUMBER[dtype];
}

/** The enum's word, `DT_FLOAT`. */
export function tensorflowWord(dtype: Dtype): string {
  return WORD[dtype];
}

/** Our word for an element type by the enum's number; undefined for those that are not served (complex, quantised, resources). */
export function dtypeOfTensorflow(number: number): Dtype | undefined {
  return BY_NUMBER.get(number);
}
