import type { Dtype } from '../../../protos/dtype.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { ColumnBuilder } from './column-builder.ts';

/** Why a row is refused. */
export interface RowFault {
  readonly code: ErrorCode;
  /** A sentence. */
  readonly message: string;
  /** Relative to the row: `[2][0]`. */
  readonly path: string;
  /** The byte in the window that shows it, where that is not the one which is read next. */
  readonly at?: number;
}

/**
 * How the row that is being read is nested, held against the shape of its column: which arrays are open, and how many elements
 * each holds. A row is a scalar, flat, or nested as the shape is. It sees elements and brackets, and knows nothing of bytes.
 */
export class RowNesting {
  #column: ColumnBuilder | undefined;
  #exact = false;
  #depth = 0;
  /** What the open array at depth d holds so far. */
  readonly #counts: number[] = [];
  /** The depth at which elements stand: 0 scalar, 1 flat, the rank when nested; -1 until the first element. */
  #leaf = -1;
  /** Extents of the row, -1 where not known yet. */
  readonly #extents: number[] = [];
  /** An array of this level (0: outermost) was closed before in this row. */
  readonly #closed: boolean[] = [];
  /** Elements of a flat row; -1 where any number will do. */
  #flatLimit = -1;

  /** Begins a row of `column`; `exact`: it must be nested as the shape is, and may not be flat instead. */
  start(column: ColumnBuilder, exact: boolean): void {
    this.#column = column;
    this.#exact = exact;
    this.#depth = 0;
    this.#leaf = -1;
    const { shape } = column;
    this.#extents.length = shape.length;
    this.#closed.length = shape.length;
    for (let i = 0; i < shape.length; i++) {
      this.#extents[i] = shape[i] as number;
      this.#closed[i] = false;
    }
  }

  get column(): ColumnBuilder {
    if (this.#column === undefined) throw new Error('the nesting of a row was used before the row began');
    return this.#column;
  }

  /** Arrays that are open. */
  get depth(): number {
    return this.#depth;
  }

  /** Whether elements stand here: an array would be one too many. */
  get atLeaf(): boolean {
    return this.#depth >= (this.#leaf < 0 ? Math.max(this.column.plan.shape.length, 1) : this.#leaf);
  }

  /** How many more the innermost open array may take; -1 where any number will do. */
  get room(): number {
    const limit = this.#isFlat ? this.#flatLimit : (this.#extents[this.#depth - 1] ?? -1);
    return limit < 0 ? -1 : limit - (this.#counts[this.#depth] ?? 0);
  }

  /** An array begins. */
  open(): RowFault | undefined {
    if (this.#depth > 0 && this.room === 0) return this.#overfull();
    this.#counts[++this.#depth] = 0;
    return undefined;
  }

  /** Checks that an element may stand here; the first one of a row settles how it is nested. */
  place(): RowFault | undefined {
    if (this.#leaf < 0) {
      const fault = this.#settle();
      if (fault !== undefined) return fault;
    } else if (this.#leaf !== this.#depth) {
      return this.#misplaced();
    }
    return this.#depth > 0 && this.room === 0 ? this.#overfull() : undefined;
  }

  /** `count` elements were written to the innermost open array. */
  add(count: number): void {
    this.#counts[this.#depth] = (this.#counts[this.#depth] ?? 0) + count;
  }

  /** An element, or a nested array, is complete; at depth 0 the row is. */
  whole(): void {
    if (this.#depth > 0) return this.add(1);
    for (let i = 0; i < this.#extents.length; i++) {
      // Below an empty array nothing came that could say an extent.
      if ((this.#extents[i] ?? 0) < 0) this.#extents[i] = 0;
    }
    const { column } = this;
    column.endRow(column.plan.open === 0 ? column.plan.shape : this.#extents.slice());
  }

  /** The innermost array ends. */
  close(): RowFault | undefined {
    const count = this.#counts[this.#depth] ?? 0;
    const fault = this.#fits(count);
    if (fault !== undefined) return fault;
    this.#depth--;
    this.whole();
    return undefined;
  }

  /** A flat row, or one in base64, has `count` elements: fits that to the shape. `got` is what the caller gave, in words. */
  total(count: number, got: string): RowFault | undefined {
    const { plan, rows } = this.column;
    const open = this.#extents.indexOf(-1);
    const known = product(this.#extents.filter((extent) => extent >= 0));
    // More than one open extent is refused in every row, also where an earlier one has settled them.
    if (plan.open < 2 && (open < 0 ? count === known : count % known === 0)) {
      if (open >= 0) this.#extents[open] = count / known;
      return undefined;
    }
    const wanted = open < 0 && plan.open < 2 ? plural(known, plan.dtype) : plan.open === 1 ? `a multiple of ${plural(known, plan.dtype)}` : 'nested arrays, as more than one extent is open';
    return {
      code: plan.open === 1 && !plan.ragged && rows > 0 ? 'ragged_input' : 'wrong_shape',
      message: `Expected ${wanted} (${plan.dtype}, shape [${plan.shape.join(', ')}]), got ${got}.`, path: this.path(0),
    };
  }

  /** An array stands where an element should. */
  excess(): RowFault {
    return { code: 'wrong_shape', message: `${this.#expected()}, got an array.`, path: this.path() };
  }

  /** Something of another type stands where an element should. */
  wrongType(got: string): RowFault {
    const { dtype } = this.column.plan;
    const wanted = dtype === 'bool' ? '`true` or `false`' : dtype === 'bytes' ? 'a string or {"b64": …}' : `a number (${dtype})`;
    return { code: 'wrong_dtype', message: `Expected ${wanted}, got ${got}.`, path: this.path() };
  }

  /** Where the row is read, down to `depth` indexes. */
  path(depth: number = this.#depth): string {
    let path = '';
    for (let d = 1; d <= depth; d++) path += `[${this.#counts[d] ?? 0}]`;
    return path;
  }

  get #isFlat(): boolean {
    return this.#leaf === 1 && this.column.plan.shape.length !== 1;
  }

  #settle(): RowFault | undefined {
    const { plan } = this.column;
    const rank = plan.shape.length;
    const depth = this.#depth;
    const scalar = depth === 0 && (rank === 0 || (rank === 1 && plan.shape[0] === 1));
    if (!scalar && depth !== rank && (depth !== 1 || this.#exact)) return this.#misplaced();
    if (depth === 1 && rank !== 1) {
      if (plan.open > 1) {
        return { code: 'wrong_shape', message: `A row of shape [${plan.shape.join(', ')}] needs nested arrays: it has more than one open extent.`, path: this.path(0) };
      }
      this.#flatLimit = this.#extents.includes(-1) ? -1 : product(this.#extents);
    }
    this.#leaf = depth;
    return undefined;
  }

  #fits(count: number): RowFault | undefined {
    const { plan } = this.column;
    if (this.#isFlat) return this.total(count, `${count}`);
    if (plan.shape.length === 0) return { code: 'wrong_shape', message: `Expected ${plural(1, plan.dtype)}, got 0.`, path: this.path(0) };
    const level = this.#depth - 1;
    const extent = this.#extents[level] ?? -1;
    // Flat, of a shape without an element.
    if (count === 0 && level === 0 && plan.elements === 0 && !this.#exact) return undefined;
    if (extent < 0) this.#extents[level] = count;
    else if (extent !== count) return this.#miscounted(level, extent, `${count}`);
    this.#closed[level] = true;
    return undefined;
  }

  #overfull(): RowFault {
    const limit = this.#isFlat ? this.#flatLimit : (this.#extents[this.#depth - 1] ?? 0);
    return this.#miscounted(this.#depth - 1, limit, 'more');
  }

  #miscounted(level: number, extent: number, got: string): RowFault {
    const { plan, rows } = this.column;
    const flat = this.#isFlat;
    const rowsDiffer = rows > 0 && !plan.ragged && (flat ? plan.open > 0 : plan.shape[level] === -1);
    const what = flat || level === plan.shape.length - 1 ? plural(extent, plan.dtype) : `${extent} arrays`;
    return { code: rowsDiffer || this.#closed[level] === true ? 'ragged_input' : 'wrong_shape', message: `Expected ${what}, got ${got}.`, path: this.path(this.#depth - 1) };
  }

  #misplaced(): RowFault {
    return { code: 'wrong_shape', message: `${this.#expected()}, got a single value.`, path: this.path() };
  }

  #expected(): string {
    const { shape, dtype } = this.column.plan;
    const leaf = this.#leaf < 0 ? shape.length : this.#leaf;
    if (this.#depth >= leaf) return `Expected a single value of ${dtype}`;
    const extent = shape[this.#depth] ?? -1;
    return `Expected an array${extent < 0 ? '' : ` of ${extent}`} (${dtype}, shape [${shape.join(', ')}])`;
  }
}

function product(extents: readonly number[]): number {
  let all = 1;
  for (const extent of extents) all *= extent;
  return all;
}

function plural(count: number, dtype: Dtype): string {
  const word = dtype === 'bytes' ? 'string' : dtype === 'bool' ? 'boolean' : 'number';
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
