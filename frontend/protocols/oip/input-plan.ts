import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import { OIP_DATATYPE, dtypeOfOip } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Failure } from '../../domain/answer.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { AppView } from '../../domain/ports.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { AskedRows, CountedRows } from '../ask.ts';

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
  readonly spec: TensorSpec;
  readonly rows: number;
  /** Of one row, every extent known. */
  readonly shape: readonly number[];
  /** Of one row. */
  readonly elements: number;
}

const known = new WeakMap<AppView, InputPlan>();

/**
 * The inputs that a name expects, as requests of the protocol are held against them. Where nobody knows them yet, an input is what its
 * request says that it is, and rows are only counted. Texts are those that clients of Triton know.
 */
export class InputPlan {
  /** Undefined where nobody knows them yet. */
  readonly specs: readonly TensorSpec[] | undefined;
  readonly #model: string;
  /** The batch key where no request can change it. */
  readonly #key: string | undefined;

  constructor(model: string, specs: readonly TensorSpec[] | undefined) {
    this.#model = model;
    this.specs = specs;
    const settled = specs?.every(({ shape, ragged }) => ragged === true || !shape.includes(-1));
    this.#key = specs !== undefined && settled === true ? batchKeyOf(specs, specs.map(({ shape }) => shape)) : undefined;
  }

  static of(model: string, view: AppView): InputPlan {
    let plan = known.get(view);
    if (plan === undefined) known.set(view, (plan = new InputPlan(model, view.inputs)));
    return plan;
  }

  fit(head: InputHead): FittedInput | Failure {
    const { name, shape } = head;
    const spec = this.specs === undefined ? specAsSaid(head) : this.#specNamed(head, this.specs);
    if ('code' in spec) return spec;
    const [rows = 0, ...given] = shape;
    // Configurations of Triton's cannot say that a row is a single element: their clients then send one extent of 1.
    const row = spec.shape.length === 0 && given.length === 1 && given[0] === 1 ? spec.shape : given;
    if (!fits(spec.shape, row) || rows < 0 || shape.length === 0) {
      return { code: 'wrong_shape', message: `unexpected shape for input '${name}' for model '${this.#model}'. Expected [${[-1, ...spec.shape].join(',')}], got [${shape.join(',')}]` };
    }
    if (rows === 0) return { code: 'empty_inputs', message: `input '${name}' for model '${this.#model}' has no rows` };
    if (rows > MOST_ROWS) return { code: 'too_many_rows', message: `inference request batch-size must be <= ${MOST_ROWS} for '${this.#model}'` };
    return { spec, rows, shape: row, elements: row.reduce((product, extent) => product * extent, 1) };
  }

  /** The columns of a request, in the order in which it gave them, as the rows of one query. A refusal and a count leave them to the caller. */
  rowsOf(columns: readonly InputColumn[], rows: readonly number[]): AskedRows | CountedRows | Failure {
    const specs: readonly { readonly name: string }[] = this.specs ?? columns;
    if (columns.length === 0 || columns.length !== specs.length) {
      const expected = this.specs === undefined ? '' : `. Expected [${specs.map(({ name }) => `'${name}'`).join(', ')}]`;
      return { code: 'missing_input', message: `expected ${this.specs?.length ?? 'some'} inputs but got ${columns.length} inputs for model '${this.#model}'${expected}` };
    }
    const [first = 0] = rows;
    if (rows.some((count) => count !== first)) return { code: 'ragged_input', message: `inputs of model '${this.#model}' differ in their batch dimension: ${rows.join(', ')}` };
    const inOrder = specs.map((spec) => columns.find(({ name }) => name === spec.name)).filter((column) => column !== undefined);
    if (inOrder.length !== specs.length || inOrder.some((column, i) => inOrder.indexOf(column) !== i)) return { code: 'duplicate_field', message: `an input of model '${this.#model}' was given twice` };
    if (this.specs === undefined) return { rows: first };
    return { columns: inOrder, rows: first, batchKey: this.#key ?? batchKeyOf(this.specs, inOrder.map(({ shape }) => shape)) };
  }

  #specNamed({ name, datatype }: InputHead, specs: readonly TensorSpec[]): TensorSpec | Failure {
    const spec = specs.find((each) => each.name === name);
    if (spec === undefined) return { code: 'unknown_input', message: `unexpected inference input '${name}' for model '${this.#model}'` };
    if (OIP_DATATYPE[spec.dtype] === datatype) return spec;
    const said = dtypeOfOip(datatype) === undefined ? `'${datatype}', which is none` : `'${datatype}'`;
    return { code: 'wrong_dtype', message: `inference input '${name}' data-type is ${said}, but model '${this.#model}' expects '${OIP_DATATYPE[spec.dtype]}'` };
  }
}

/** An input as its request says that it is. */
function specAsSaid({ name, datatype, shape }: InputHead): TensorSpec | Failure {
  const dtype = dtypeOfOip(datatype);
  return dtype === undefined ? { code: 'wrong_dtype', message: `inference input '${name}' data-type is '${datatype}', which is none` } : { name, dtype, shape: shape.slice(1) };
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
