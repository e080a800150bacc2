import { isDtype } from '../../../protos/dtype.ts';
import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { SlabSpan } from '../../domain/slabs.ts';
import { type Field, fieldsOfBody, noFields, takeField } from './body-fields.ts';
import type { ColumnPlan, ParseTarget } from './parse-target.ts';
import type { ParseResult } from './predict-body.ts';

/** What the headers or the query of an `application/octet-stream` request say, as text; absent where they say nothing. */
export interface BinaryRequest {
  /** Must be the input's dtype; absent: it is. */
  readonly dtype?: string | undefined;
  /** `28,28` for one row or `16,28,28` for sixteen; absent: one row, of the input's shape. */
  readonly shape?: string | undefined;
  readonly sloMs?: string | undefined;
  readonly version?: string | undefined;
  readonly model?: string | undefined;
  readonly explain?: string | undefined;
  /** A JSON object. */
  readonly context?: string | undefined;
}

interface Rows {
  readonly rows: number;
  readonly many: boolean;
  /** Shape of one row; -1 only in its one open extent, where no shape was given. */
  readonly shape: readonly number[];
}

/** What a body of unknown length begins with; doubled by need. */
const FIRST_BYTES = 4096;

/**
 * Parses a binary predict body: the raw little-endian elements of the app's only input, row after row (dtype `bytes`:
 * each element behind its length as u32). Bytes are copied once, into a slab, as they arrive; they are taken as they are,
 * so a float may be NaN here. Used as `JsonPredictParser` is: `reset`, `push`…, then `end` or `abort`.
 */
export class BinaryPredictParser {
  #target: ParseTarget | undefined;
  #failure: Failure | undefined;
  #fields = noFields();
  #rows: Rows = { rows: 1, many: false, shape: [] };
  #span: SlabSpan | undefined;
  #capacity = 0;
  #used = 0;
  /** Bytes that the body must have; -1 where the body decides. */
  #expected = -1;

  reset(target: ParseTarget, request: BinaryRequest): void {
    this.abort();
    this.#target = target;
    this.#failure = undefined;
    this.#used = 0;
    this.#capacity = 0;
    this.#fields = noFields();
    this.#failure = this.#begin(target, request);
  }

  push(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    const target = this.#targetNow();
    const needed = this.#used + chunk.length;
    if (this.#expected >= 0 && needed > this.#expected) return this.#refuse('wrong_shape', `Expected ${this.#expected} bytes, got more.`);
    if (needed > target.maxBinaryBytes) return this.#refuse('body_too_large', `Expected at most ${target.maxBinaryBytes} bytes.`);
    if (this.#span === undefined || needed > this.#capacity) this.#grow(needed);
    const span = this.#span;
    if (span === undefined) return;
    span.slab.bytes.set(chunk, span.offset + this.#used);
    this.#used = needed;
  }

  /** There are no more bytes. The parser then holds nothing. */
  end(): ParseResult {
    const target = this.#targetNow();
    const plan = target.plans[0];
    if (this.#failure === undefined && plan !== undefined) {
      if (this.#span === undefined) this.#grow(8);
      const column = this.#column(plan);
      if (column !== undefined) {
        this.#span = undefined;
        const batchKey = target.batchKey ?? batchKeyOf(target.plans, [column.shape]);
        return { ok: true, body: { columns: [column], rows: this.#rows.rows, many: this.#rows.many, batchKey, ...fieldsOfBody(this.#fields) } };
      }
    }
    return { ok: false, failure: this.#failure ?? { code: 'internal', message: 'The app has no inputs.' } };
  }

  /** The body will not be finished: gives back what is held. */
  abort(): void {
    if (this.#span !== undefined) this.#targetNow().slabs.release(this.#span.slab);
    this.#span = undefined;
  }

  #begin(target: ParseTarget, request: BinaryRequest): Failure | undefined {
    const plan = target.plans[0];
    if (plan === undefined || target.plans.length !== 1) {
      return { code: 'missing_input', message: `A binary body holds one input; this app has ${target.plans.length}: send JSON.`, path: 'input' };
    }
    if (request.dtype !== undefined && request.dtype !== plan.dtype) {
      const got = isDtype(request.dtype) ? request.dtype : 'a word that is no dtype';
      return { code: 'wrong_dtype', message: `Expected dtype ${plan.dtype}, got ${got}.`, path: 'dtype' };
    }
    const rows = binaryRows(plan, request.shape);
    if ('code' in rows) return rows;
    if (rows.rows > target.maxRows) return { code: 'too_many_rows', message: `Expected at most ${target.maxRows} rows, got ${rows.rows}.`, path: 'shape' };
    this.#rows = rows;
    const open = rows.shape.includes(-1);
    this.#expected = open || plan.elementBytes === 0 ? -1 : rows.rows * plan.elementBytes * product(rows.shape);
    if (this.#expected > target.maxBinaryBytes) {
      return { code: 'body_too_large', message: `The shape stands for ${this.#expected} bytes; at most ${target.maxBinaryBytes}.`, path: 'shape' };
    }
    return this.#takeFields(target, request);
  }

  #takeFields(target: ParseTarget, request: BinaryRequest): Failure | undefined {
    const given: readonly (readonly [Field, string | undefined, (text: string) => unknown])[] = [
      ['slo_ms', request.sloMs, numberOrText], ['version', request.version, numberOrText], ['model', request.model, String],
      ['explain', request.explain, booleanOrText], ['context', request.context, jsonOrText],
    ];
    for (const [field, text, read] of given) {
      if (text === undefined) continue;
      if (text.length > target.maxContextBytes) return { code: 'invalid_field', message: `Expected at most ${target.maxContextBytes} bytes.`, path: field };
      const failure = takeField(target, field, read(text), this.#fields);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  #grow(needed: number): void {
    const { slabs } = this.#targetNow();
    const capacity = this.#expected >= 0 ? this.#expected : Math.max(needed, FIRST_BYTES, this.#capacity * 2);
    const grown = slabs.allocate(capacity);
    const old = this.#span;
    if (old !== undefined) {
      grown.slab.bytes.set(old.slab.bytes.subarray(old.offset, old.offset + this.#used), grown.offset);
      slabs.release(old.slab);
    }
    this.#span = grown;
    this.#capacity = capacity;
  }

  #column(plan: ColumnPlan): InputColumn | undefined {
    const span = this.#span;
    if (span === undefined) return undefined;
    const { rows } = this.#rows;
    const offsets: number[] = [];
    const lengths: number[] = [];
    const shape = this.#settledShape(plan, span, offsets, lengths);
    if (shape === undefined) return undefined;
    this.#targetNow().slabs.trim(span, this.#used);
    const base = { name: plan.name, dtype: plan.dtype, shape: plan.ragged ? plan.shape : shape, slab: span.slab, offset: span.offset };
    const rowBytes = this.#used / rows;
    if (plan.elementBytes > 0 && !plan.ragged) return { ...base, strideBytes: rowBytes, rowBytes };
    if (plan.elementBytes > 0) {
      for (let i = 0; i < rows; i++) {
        offsets.push(span.offset + i * rowBytes);
        lengths.push(rowBytes);
      }
    }
    const spans = plan.ragged ? { offsets, lengths, shapes: offsets.map(() => shape) } : { offsets, lengths };
    return { ...base, strideBytes: 0, rowBytes: 0, spans };
  }

  /** The shape of one row now that all bytes are here; undefined, with a failure, where they do not fit. */
  #settledShape(plan: ColumnPlan, span: SlabSpan, offsets: number[], lengths: number[]): readonly number[] | undefined {
    const { rows, shape } = this.#rows;
    const known = product(shape.filter((extent) => extent >= 0));
    const open = shape.indexOf(-1);
    if (plan.elementBytes === 0) {
      const elements = this.#walkElements(span, open < 0 ? known : -1, offsets, lengths);
      if (elements < 0) return undefined;
      if (open < 0) return shape;
      if (elements % known === 0) return shape.with(open, elements / known);
      this.#refuse('wrong_shape', `Expected a multiple of ${known} elements, got ${elements}.`);
      return undefined;
    }
    const unit = plan.elementBytes * known;
    if (open < 0 ? this.#used !== this.#expected : this.#used % unit !== 0) {
      this.#refuse('wrong_shape', `Expected ${open < 0 ? `${this.#expected} bytes` : `a multiple of ${unit} bytes`} (${rows} × ${plan.dtype}, shape [${shape.join(', ')}]), got ${this.#used}.`);
      return undefined;
    }
    if (plan.dtype === 'bool' && !this.#areBooleans(span)) {
      this.#refuse('wrong_dtype', 'A byte of a bool is neither 0 nor 1.');
      return undefined;
    }
    return open < 0 ? shape : shape.with(open, this.#used / unit);
  }

  /** Finds the rows of dtype `bytes`; the elements of a row, or -1, with a failure. `perRow` is -1 where one row is all there is. */
  #walkElements(span: SlabSpan, perRow: number, offsets: number[], lengths: number[]): number {
    const bytes = span.slab.bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = span.offset + this.#used;
    let at = span.offset;
    let elements = 0;
    for (let row = 0; row < this.#rows.rows; row++) {
      const begin = at;
      for (elements = 0; perRow < 0 ? at < end : elements < perRow; elements++) {
        const next = at + 4 <= end ? at + 4 + view.getUint32(at, true) : Infinity;
        if (next > end) {
          this.#refuse('wrong_shape', `Element ${elements} of row ${row} ends behind the body's last byte.`);
          return -1;
        }
        at = next;
      }
      offsets.push(begin);
      lengths.push(at - begin);
    }
    if (at === end) return elements;
    this.#refuse('wrong_shape', `Expected ${at - span.offset} bytes for ${this.#rows.rows} rows of ${perRow} elements, got ${this.#used}.`);
    return -1;
  }

  #areBooleans(span: SlabSpan): boolean {
    for (let i = 0; i < this.#used; i++) if ((span.slab.bytes[span.offset + i] ?? 2) > 1) return false;
    return true;
  }

  #refuse(code: ErrorCode, message: string): void {
    this.abort();
    this.#failure = { code, message, path: 'input' };
  }

  #targetNow(): ParseTarget {
    if (this.#target === undefined) throw new Error('the parser was used before it was reset');
    return this.#target;
  }
}

/** Reads a declared shape against the input's; without one the body is one row. */
function binaryRows(plan: ColumnPlan, text: string | undefined): Rows | Failure {
  if (text === undefined) {
    if (plan.open > 1) return wrongShape(plan, 'nothing: with more than one open extent the shape must be said');
    return { rows: 1, many: false, shape: plan.shape };
  }
  if (text.length > 256 || !/^(\d{1,9}(,\d{1,9})*)?$/.test(text)) return wrongShape(plan, 'something that is not a list like `28,28`');
  const extents = text === '' ? [] : text.split(',').map(Number);
  const many = extents.length === plan.shape.length + 1;
  const shape = many ? extents.slice(1) : extents;
  const fits = shape.length === plan.shape.length && plan.shape.every((extent, i) => extent < 0 || extent === shape[i]);
  if (!fits) return wrongShape(plan, `[${extents.join(', ')}]`);
  const rows = many ? (extents[0] ?? 0) : 1;
  if (rows === 0) return { code: 'empty_inputs', message: 'Expected at least one row.', path: 'shape' };
  return { rows, many, shape };
}

function wrongShape(plan: ColumnPlan, got: string): Failure {
  const shape = plan.shape.join(', ');
  return { code: 'wrong_shape', message: `Expected [${shape}] or [rows${shape === '' ? '' : `, ${shape}`}], got ${got}.`, path: 'shape' };
}

function product(extents: readonly number[]): number {
  return extents.reduce((all, extent) => all * extent, 1);
}

function numberOrText(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function booleanOrText(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
