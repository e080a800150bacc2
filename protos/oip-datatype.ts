import type { Dtype } from './dtype.ts';
import { DTYPES } from './dtype.ts';

/** The words that the Open Inference Protocol has for element types. `bytes` elements lie as ours do: u32 length, then the bytes. */
export const OIP_DATATYPE: Readonly<Record<Dtype, string>> = Object.freeze({
  bool: 'BOOL', int8: 'INT8', int16: 'INT16', int32: 'INT32', int64: 'INT64', uint8: 'UINT8', uint16: 'UINT16', uint32: 'UINT32', uint64: 'UINT64',
  float16: 'FP16', bfloat16: 'BF16', float32: 'FP32', float64: 'FP64', bytes: 'BYTES',
});

const DTYPE_OF: ReadonlyMap<string, Dtype> = new Map(DTYPES.map((dtype) => [OIP_DATATYPE[dtype], dtype]));

/** Our word for an element type of the protocol; undefined where it has no such type. */
export function dtypeOfOip(datatype: string): Dtype | undefined {
  return DTYPE_OF.get(datatype);
}
