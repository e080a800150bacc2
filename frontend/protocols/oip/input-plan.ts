import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import { OIP_DATATYPE, dtypeOfOip } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Failure } from '../../domain/answer.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { AppView } from '../../domain/ports.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { AskedRows } from '../ask.ts';

/** Most rows of one request: its leading dimension. */
export const MOST_ROWS = 4096;

/** What a caller says of an input before its elements. */
export interface InputHead {
  readonly name: string;
  readonly datatype: string;
  /** The leading extent is the rows. */
  readonly shape: readonly number[];
}

/** An input that fits the signature. */
export interface FittedInput {
  /** Its place in the signature. */
  readonly at: number;
  readonly spec: TensorSpec;
  readonly rows: number;
  /** Of one row, every extent known. */
  readonly shape: readonly number[];
  /** Of one row. */
  readonly elements: number;
}

const known = new WeakMap<AppView, InputPlan>();

/** The inputs that a name expects, as requests of the protocol are held against them. Texts are those that clients of Triton know. */
export class InputPlan {
  readonly specs: readonly TensorSpec[];
  readonly #model: string;
  /** The batch key where no request can change it. */
  readonly #key: string | undefined;

  constructor(model: string, specs: readonly TensorSpec[]) {
    this.#model = model;
    this.specs = specs;
    const settled = specs.every(({ shape, ragged }) => ragged === true || !shape.includes(-1));
    this.#key = settled ? batchKeyOf(specs, specs.map(({ shape }) => shape)) : undefined;
  }

  /** Of a name whose inputs are known; undefined where they are not. */
  static of(model: string, view: AppView): InputPlan | undefined {
    if (view.inputs === undefined) return undefined;
    let plan = known.get(view);
    if (plan === undefined) known.set(view, (plan = new InputPlan(model, view.inputs)));
    return plan;
  }

  fit({ name, datatype, shape }: InputHead): FittedInput | Failure {
    const at = this.specs.findIndex((spec) => spec.name === name);
    const spec = this.specs[at];
    if (spec === undefined) return { code: 'unknown_input', message: `unexpected inference input '${name}' for model '${this.#model}'` };
    if (OIP_DATATYPE[spec.dtype] !== datatype) {
      const said = dtypeOfOip(datatype) === undefined ? `'${datatype}', which is none` : `'${datatype}'`;
      return { code: 'wrong_dtype', message: `inference input '${name}' data-type is ${said}, but model '${this.#model}' expects '${OIP_DATATYPE[spec.dtype]}'` };
    }
    const [rows = 0, ...given] = shape;
    // Configurations of Triton's cannot say that a row is a single element: their clients then send one extent of 1.
    const row = spec.shape.length === 0 && given.length === 1 && given[0] === 1 ? spec.shape : given;
    if (!fits(spec.shape, row) || rows < 0 || shape.length === 0) {
      return { code: 'wrong_shape', message: `unexpected shape for input '${name}' for model '${this.#model}'. Expected [${[-1, ...spec.shape].join(',')}], got [${shape.join(',')}]` };
    }
    if (rows === 0) return { code: 'empty_inputs', message: `input '${name}' for model '${this.#model}' has no rows` };
    if (rows > MOST_ROWS) return { code: 'too_many_rows', message: `inference request batch-size must be <= ${MOST_ROWS} for '${this.#model}'` };
    return { at, spec, rows, shape: row, elements: row.reduce((product, extent) => product * extent, 1) };
  }

  /** The columns of a request, in the order in which it gave them, as the rows of one query. A refusal leaves them to the caller. */
  rowsOf(columns: readonly InputColumn[], rows: readonly number[]): AskedRows | Failure {
    if (columns.length !== this.specs.length) {
      return { code: 'missing_input', message: `expected ${this.specs.length} inputs but got ${columns.length} inputs for model '${this.#model}'. Expected [${this.specs.map(({ name }) => `'${name}'`).join(', ')}]` };
    }
    const [first = 0] = rows;
    if (rows.some((count) => count !== first)) return { code: 'ragged_input', message: `inputs of model '${this.#model}' differ in their batch dimension: ${rows.join(', ')}` };
    const inOrder = this.specs.map((spec) => columns.find(({ name }) => name === spec.name)).filter((column) => column !== undefined);
    if (inOrder.length !== this.specs.length) return { code: 'duplicate_field', message: `an input of model '${this.#model}' was given twice` };
    return { columns: inOrder, rows: first, batchKey: this.#key ?? batchKeyOf(this.specs, inOrder.map(({ shape }) => shape)) };
  }
}

function fits(wanted: readonly number[], given: readonly number[]): boolean {
  return given.length === wanted.length && wanted.every((extent, axis) => {
    const said = given[axis] ?? -1;
    return Number.isSafeInteger(said) && said >= 0 && (extent < 0 || extent === said);
  });
}

/** Bytes that the elements of all rows take raw; undefined for dtype `bytes`, whose elements say it. */
export function rawBytes({ spec, rows, elements }: FittedInput): number | undefined {
  const size = DTYPE_BYTES[spec.dtype];
  return size === 0 ? undefined : rows * elements * size;
}
