import type { Dtype } from '../../../protos/dtype.ts';
import { ProtoReader } from '../../../protos/protobuf.ts';
import { dtypeOfTensorflow } from '../../../protos/tensorflow-datatype.ts';
import type { SlabPool } from '../../domain/slabs.ts';

/** A `TensorProto` whose elements have not been read yet. */
export interface TensorHead {
  /** Undefined for an element type that is not served; `number` is the protocol's. */
  readonly dtype: Dtype | undefined;
  readonly number: number;
  /** Undefined where the rank is unknown. */
  readonly shape: readonly number[] | undefined;
  /** `tensor_content`; of no bytes where the elements lie in typed fields. */
  readonly content: { readonly from: number; readonly length: number };
  /** Where the whole message lies. */
  readonly at: { readonly from: number; readonly length: number };
}

/** What a tensor is read within. */
export interface TensorLimits {
  readonly slabs: SlabPool;
  readonly maxRows: number;
  /** Of one tensor, with the last value repeated. */
  readonly maxBytes: number;
}

/** Reads type, shape and where the elements are, in any order of the fields; of elements nothing yet. */
export function readTensorHead(message: Buffer, at: { readonly from: number; readonly length: number }): TensorHead {
  const reader = new ProtoReader(message, at.from, at.from + at.length);
  let number = 0;
  let shape: readonly number[] | undefined = [];
  let content = { from: at.from, length: 0 };
  while (reader.next()) {
    if (reader.field === 1) number = reader.varint();
    else if (reader.field === 2) shape = readShape(reader.message());
    else if (reader.field === 4) content = reader.span();
    else reader.skip();
  }
  return { dtype: dtypeOfTensorflow(number), number, shape, content, at };
}

function readShape(reader: ProtoReader): readonly number[] | undefined {
  const shape: number[] = [];
  let unknown = false;
  while (reader.next()) {
    if (reader.field === 2) shape.push(readExtent(reader.message()));
    else if (reader.field === 3) unknown = reader.varint() !== 0;
    else reader.skip();
  }
  return unknown ? undefined : shape;
}

function readExtent(reader: ProtoReader): number {
  let size = 0;
  while (reader.next()) {
    if (reader.field === 1) size = reader.varint();
    else reader.skip();
  }
  return size;
}
