import type { Dtype } from '../../../protos/dtype.ts';
import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { SlabPool } from '../../domain/slabs.ts';

export interface ParseTargetOptions {
  readonly inputs: readonly TensorSpec[];
  readonly slabs: SlabPool;
  readonly sloMinMs: number;
  readonly sloMaxMs: number;
  /** Most rows of one request. */
  readonly maxRows?: number;
  /** Most arrays and objects inside one another. */
  readonly maxDepth?: number;
  /** Most bytes of `context`, and of every other field that is not a tensor. */
  readonly maxContextBytes?: number;
  /** Most bytes of one string: a `bytes` element, or a row in base64. */
  readonly maxStringBytes?: number;
  /** Most bytes that a binary body may declare. */
  readonly maxBinaryBytes?: number;
  /** `NaN`, `Infinity` and `-Infinity` are numbers of the float dtypes, as some writers of JSON have it. */
  readonly nonFinite?: boolean;
  /** A row is nested exactly as its shape is, base64 stands for dtype `bytes` only, integers have neither point nor exponent. */
  readonly exactForms?: boolean;
}

/** One input of the signature, with all that can be known before a body comes. */
export interface ColumnPlan {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly dtype: Dtype;
  /** 0 for dtype `bytes`. */
  readonly elementBytes: number;
  /** Shape of one row; -1 stands for any extent. */
  readonly shape: readonly number[];
  /** How many extents are -1. */
  readonly open: number;
  /** Rows may differ in the open extents. */
  readonly ragged: boolean;
  /** Elements of a row; -1 where extents are open. */
  readonly elements: number;
  /** Bytes of a row; -1 where they differ from row to row or request to request. */
  readonly rowBytes: number;
}

/** What bodies are parsed for. Made once per app and revision; a parser is `reset` to it for every request. */
export interface ParseTarget extends Required<ParseTargetOptions> {
  readonly plans: readonly ColumnPlan[];
  /** The batch key where no body can change it: every extent is fixed, or ragged; else undefined. */
  readonly batchKey: string | undefined;
}

/** Most rows of one request, unless said. */
const DEFAULT_MAX_ROWS = 4096;

/** Compiles a signature for the parsers. Limits left out get defaults that suit a broker on one machine. */
export function parseTarget(options: ParseTargetOptions): ParseTarget {
  const plans = options.inputs.map(columnPlan);
  const settled = plans.every((plan) => plan.open === 0 || plan.ragged);
  return Object.freeze({
    maxRows: DEFAULT_MAX_ROWS, maxDepth: 32, maxContextBytes: 64 * 1024, maxStringBytes: 16 * 1024 * 1024, maxBinaryBytes: 64 * 1024 * 1024, nonFinite: false, exactForms: false,
    ...options,
    plans,
    batchKey: settled ? batchKeyOf(plans, plans.map((plan) => plan.shape)) : undefined,
  });
}

function columnPlan(spec: TensorSpec): ColumnPlan {
  const open = spec.shape.filter((extent) => extent < 0).length;
  const elements = open > 0 ? -1 : spec.shape.reduce((product, extent) => product * extent, 1);
  const elementBytes = DTYPE_BYTES[spec.dtype];
  return Object.freeze({
    name: spec.name,
    nameBytes: Buffer.from(spec.name),
    dtype: spec.dtype,
    elementBytes,
    shape: spec.shape,
    open,
    ragged: spec.ragged === true && open > 0,
    elements,
    rowBytes: elements < 0 || elementBytes === 0 ? -1 : elements * elementBytes,
  });
}
