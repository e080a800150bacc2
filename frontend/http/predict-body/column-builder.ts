import type { InputColumn } from '../../domain/query.ts';
import type { SlabPool, SlabSpan } from '../../domain/slabs.ts';
import type { ColumnPlan, ParseTarget } from './parse-target.ts';
import { slabViews, type SlabViews } from './slab-views.ts';

/** What many rows begin with; grown by doubling. */
const FIRST_BYTES = 4096;

/**
 * One input of one request while it is filled, row after row without gaps, in a slab that it owns until `finish` hands it
 * on or `release` gives it back. Reused from request to request.
 */
export class ColumnBuilder {
  #plan: ColumnPlan | undefined;
  #slabs: SlabPool | undefined;
  #maxRows = 1;
  #span: SlabSpan | undefined;
  #capacity = 0;
  #views: SlabViews | undefined;
  #offsets: number[] = [];
  #lengths: number[] = [];
  #shapes: (readonly number[])[] = [];
  #rowStart = 0;
  /** Bytes written. */
  used = 0;
  /** Rows that are whole. */
  rows = 0;
  /** Shape of the first row, which all others must have unless they are ragged. */
  shape: readonly number[] = [];

  begin(target: ParseTarget, plan: ColumnPlan, maxRows: number): void {
    this.#plan = plan;
    this.#slabs = target.slabs;
    this.#maxRows = maxRows;
    this.#capacity = 0;
    this.#rowStart = 0;
    this.used = 0;
    this.rows = 0;
    this.shape = plan.shape;
    if (plan.elementBytes === 0 || plan.ragged) {
      this.#offsets = [];
      this.#lengths = [];
      this.#shapes = [];
    }
  }

  get plan(): ColumnPlan {
    if (this.#plan === undefined) throw new Error('a column was used before it began');
    return this.#plan;
  }

  get views(): SlabViews {
    if (this.#views === undefined) throw new Error('a column was written before memory was reserved');
    return this.#views;
  }

  /** Where in the slab the next byte goes. */
  get writeAt(): number {
    return (this.#span?.offset ?? 0) + this.used;
  }

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    if (this.used + bytes > this.#capacity || this.#span === undefined) this.#grow(this.used + bytes);
  }

  /** Makes room for a row, where its size is known beforehand. */
  beginRow(): void {
    const { rowBytes } = this.plan;
    this.reserve(rowBytes < 0 ? 8 : rowBytes);
  }

  /** The row that was written is whole, and has this shape. */
  endRow(shape: readonly number[]): void {
    const plan = this.plan;
    if (plan.elementBytes === 0 || plan.ragged) {
      this.#offsets.push(this.#rowStart);
      this.#lengths.push(this.used - this.#rowStart);
      if (plan.ragged) this.#shapes.push(shape);
    }
    if (!plan.ragged) this.shape = shape;
    this.#rowStart = this.used;
    this.rows++;
  }

  /** The column; its slab's one user is now who holds it. */
  finish(): InputColumn {
    const { name, dtype, elementBytes, ragged } = this.plan;
    const span = this.#span;
    if (span === undefined) throw new Error(`column ${name} was finished before a row came`);
    this.#slabs?.trim(span, this.used);
    this.#span = undefined;
    this.#views = undefined;
    const base = { name, dtype, shape: this.shape, slab: span.slab, offset: span.offset };
    if (elementBytes > 0 && !ragged) {
      const rowBytes = this.used / this.rows;
      return { ...base, strideBytes: rowBytes, rowBytes };
    }
    const offsets = this.#offsets;
    for (let i = 0; i < offsets.length; i++) offsets[i] = (offsets[i] as number) + span.offset;
    const spans = ragged ? { offsets, lengths: this.#lengths, shapes: this.#shapes } : { offsets, lengths: this.#lengths };
    return { ...base, strideBytes: 0, rowBytes: 0, spans };
  }

  /** Gives back what is held; harmless where nothing is. */
  release(): void {
    if (this.#span !== undefined) this.#slabs?.release(this.#span.slab);
    this.#span = undefined;
    this.#views = undefined;
  }

  #grow(needed: number): void {
    const slabs = this.#slabs;
    if (slabs === undefined) throw new Error('a column was used before it began');
    const { rowBytes } = this.plan;
    const first = rowBytes < 0 ? 256 : this.#maxRows > 1 ? Math.max(FIRST_BYTES, rowBytes) : rowBytes;
    const most = rowBytes < 0 ? Infinity : rowBytes * this.#maxRows;
    const capacity = Math.max(needed, Math.min(most, this.#capacity === 0 ? first : this.#capacity * 2));
    const grown = slabs.allocate(capacity);
    const old = this.#span;
    if (old !== undefined) {
      grown.slab.bytes.set(old.slab.bytes.subarray(old.offset, old.offset + this.used), grown.offset);
      slabs.release(old.slab);
    }
    this.#span = grown;
    this.#views = slabViews(grown.slab);
    this.#capacity = capacity;
  }
}
