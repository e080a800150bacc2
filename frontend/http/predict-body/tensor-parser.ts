import type { Dtype } from '../../../protos/dtype.ts';
import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { base64Bytes, decodeBase64 } from './base64.ts';
import type { ByteWindow } from './byte-window.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { FLOAT32_RUN, scanFloat32, scanned, stoppedAt } from './float32-scan.ts';
import { pathMember } from './input-path.ts';
import { OPEN, sameBytes, stringEnd, stringReach, stringText } from './json-string.ts';
import { CUT, exactInteger, numberEnd } from './number-token.ts';
import { scanNumbers } from './number-run.ts';
import type { ParseTarget } from './parse-target.ts';
import { INTEGER_RANGE, storeBigInteger, storeNotFinite, storeNumbers } from './store-numbers.ts';

/** What a step of the parser came to. */
export const DONE = 1;
export const MORE = 0;
export const FAILED = -1;
export type Step = typeof DONE | typeof MORE | typeof FAILED;

/** Numbers that the fast loop reads at once. */
const RUN = 1024;
/** Digits past this cannot tell two doubles apart any more (768 for the longest halfway case, and its exponent's zeros). */
const MAX_NUMBER_BYTES = 2048;
const B64_KEY = Buffer.from('b64');
/** What `nonFinite` lets stand for a number, behind a sign or none. */
const NOT_FINITE: ReadonlyMap<string, number> = new Map([['NaN', Number.NaN], ['Infinity', Number.POSITIVE_INFINITY], ['Inf', Number.POSITIVE_INFINITY]]);
const LONGEST_NOT_FINITE = 'Infinity'.length;
const LITERALS: readonly (readonly [string, string])[] = [['true', 'a boolean'], ['false', 'a boolean'], ['null', 'null']];

/** Where the parser stands. */
type State = 'value' | 'first' | 'after' | 'nested' | 'b64_key' | 'b64_colon' | 'b64_value' | 'b64_close';

const numbers = new Float64Array(RUN);
const one = new Float64Array(1);

/**
 * Reads one row of one input, `X` of `{"input": X}`, into its column: a scalar, a flat array, arrays nested as the shape
 * is, or an object with base64. Goes from token to token, so that it can stop wherever the window ends.
 */
export class TensorParser {
  #target: ParseTarget | undefined;
  #column: ColumnBuilder | undefined;
  #state: State = 'value';
  /** Arrays that are open; `#counts[d]` is what the one at depth d holds so far. */
  #depth = 0;
  readonly #counts: number[] = [];
  /** The depth at which elements stand: 0 scalar, 1 flat, the rank when nested; -1 until the first element. */
  #leaf = -1;
  /** Extents of the row, -1 where not known yet. */
  readonly #extents: number[] = [];
  /** An array of this level (0: outermost) was closed before in this row. */
  readonly #closed: boolean[] = [];
  /** Elements of a flat row; -1 where any number will do. */
  #flatLimit = -1;
  /** Brackets met in an array that is nested deeper than the shape. */
  #excess = 0;
  /** Why it failed; the path is relative to the row. */
  failure: Failure | undefined;

  /** Begins a row of `column`. */
  start(target: ParseTarget, column: ColumnBuilder): void {
    this.#target = target;
    this.#column = column;
    this.#state = 'value';
    this.#depth = 0;
    this.#leaf = -1;
    this.failure = undefined;
    const { shape } = column;
    this.#extents.length = shape.length;
    this.#closed.length = shape.length;
    for (let i = 0; i < shape.length; i++) {
      this.#extents[i] = shape[i] as number;
      this.#closed[i] = false;
    }
    column.beginRow();
  }

  /** Begins a row whose `{"b64"` the caller has read; false where base64 cannot be this row. */
  startBase64(target: ParseTarget, column: ColumnBuilder, window: ByteWindow): boolean {
    this.start(target, column);
    this.#state = 'b64_colon';
    return column.plan.elementBytes > 0 || this.#place(window);
  }

  /** Reads on; `MORE` where the window is used up, `DONE` once the row is whole and in its column. */
  step(window: ByteWindow): Step {
    for (;;) {
      const c = window.peek();
      if (c < 0) return MORE;
      const step = this.#token(window, c);
      if (step !== undefined) return step;
      if (this.#depth === 0 && this.#state === 'after') return DONE;
    }
  }

  #token(window: ByteWindow, c: number): Step | undefined {
    switch (this.#state) {
      case 'first':
        if (c === 0x5d) return this.#close(window);
        return this.#value(window, c);
      case 'value': return this.#value(window, c);
      case 'after': return this.#after(window, c);
      case 'nested': return this.#nested(window, c);
      case 'b64_key': return this.#base64Key(window, c);
      case 'b64_colon':
        if (c !== 0x3a) return this.#notJson(window, "':'", window.at);
        window.skip(1);
        this.#state = 'b64_value';
        return undefined;
      case 'b64_value': return this.#base64Value(window, c);
      case 'b64_close':
        if (c === 0x2c) return this.#fail(window, 'unknown_field', 'An object in place of a tensor has the one field `b64`.', this.#path());
        if (c !== 0x7d) return this.#notJson(window, "'}'", window.at);
        window.skip(1);
        this.#wholeElement();
        return undefined;
    }
  }

  #value(window: ByteWindow, c: number): Step | undefined {
    if (c === 0x5b) return this.#open(window);
    const column = this.#columnNow();
    const isBytes = column.plan.elementBytes === 0;
    if (c === 0x7b && (isBytes || (this.#depth === 0 && !this.#targetNow().exactForms))) {
      if (isBytes && !this.#place(window)) return FAILED;
      window.skip(1);
      this.#state = 'b64_key';
      return undefined;
    }
    if (this.#depth === 0 || isBytes || column.plan.dtype === 'bool') return this.#scalar(window, c);
    if (c !== 0x2d && (c < 0x30 || c > 0x39)) return this.#scalar(window, c);
    return this.#numbers(window, c);
  }

  #open(window: ByteWindow): Step | undefined {
    const rank = this.#columnNow().plan.shape.length;
    if (this.#depth >= (this.#leaf < 0 ? Math.max(rank, 1) : this.#leaf)) {
      this.#excess = this.#depth;
      this.#state = 'nested';
      return undefined;
    }
    if (this.#depth > 0 && this.#roomFor() === 0) return this.#overfull(window);
    window.skip(1);
    this.#counts[++this.#depth] = 0;
    this.#state = 'first';
    return undefined;
  }

  /** An array stands where an element should: `too_deep` if it goes on like that, else `wrong_shape`; the same however the body is cut. */
  #nested(window: ByteWindow, c: number): Step | undefined {
    if (c === 0x5b && ++this.#excess <= this.#targetNow().maxDepth) {
      window.skip(1);
      return undefined;
    }
    if (c === 0x5b) return this.#fail(window, 'too_deep', `Arrays are nested more than ${this.#targetNow().maxDepth} deep.`, this.#path());
    return this.#fail(window, 'wrong_shape', `${this.#expected()}, got an array.`, this.#path());
  }

  /** A run of numbers inside of an array: the fast way, then one number the slow way where that stopped at once. */
  #numbers(window: ByteWindow, c: number): Step | undefined {
    if (!this.#place(window)) return FAILED;
    const column = this.#columnNow();
    const { dtype, elementBytes } = column.plan;
    const room = this.#roomFor();
    if (dtype === 'float32' && this.#float32s(window, column, room)) return undefined;
    const begin = window.at;
    const taken = scanNumbers(window, numbers, room < 0 ? RUN : Math.min(room, RUN), dtype === 'float32');
    if (taken === 0) return this.#scalar(window, c);
    column.reserve(taken * elementBytes);
    const plain = this.#targetNow().exactForms && INTEGER_RANGE.has(dtype) ? plainIntegers(window.bytes, begin, window.at, taken) : taken;
    const stored = storeNumbers(dtype, column.views, column.writeAt, numbers, plain);
    column.used += stored * elementBytes;
    this.#counts[this.#depth] = (this.#counts[this.#depth] ?? 0) + stored;
    if (stored < taken) {
      // The dtype does not hold the next one, or not for sure: the slow way decides, and finds the words.
      window.at = afterCommas(window.bytes, begin, stored);
      return this.#scalar(window, window.peek());
    }
    this.#state = window.bytes[window.at - 1] === 0x2c ? 'value' : 'after';
    return undefined;
  }

  /** The same for float32 by the quickest way; false, and nothing done, where that takes none. */
  #float32s(window: ByteWindow, column: ColumnBuilder, room: number): boolean {
    const { region } = window;
    if (region === undefined) return false;
    const limit = room < 0 ? FLOAT32_RUN : Math.min(room, FLOAT32_RUN);
    const taken = scanFloat32(region.address + window.at, region.address + window.end, limit);
    if (taken === 0) return false;
    column.reserve(taken * 4);
    column.views.float32.set(scanned(taken), column.writeAt >> 2);
    column.used += taken * 4;
    this.#counts[this.#depth] = (this.#counts[this.#depth] ?? 0) + taken;
    window.at = stoppedAt() - region.address;
    this.#state = window.bytes[window.at - 1] === 0x2c ? 'value' : 'after';
    return true;
  }

  /** One element, whatever it is. */
  #scalar(window: ByteWindow, c: number): Step | undefined {
    this.#state = 'value';
    if (this.#targetNow().nonFinite && beginsNotFinite(window, c)) return this.#notFinite(window, c === 0x2d);
    if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.#number(window);
    if (c === 0x22) {
      if (this.#columnNow().plan.elementBytes > 0) return this.#wrongType(window, 'a string');
      return this.#string(window);
    }
    if (c === 0x7b) return this.#wrongType(window, 'an object');
    return this.#literal(window, c);
  }

  #number(window: ByteWindow): Step | undefined {
    const end = numberEnd(window.bytes, window.at, window.end);
    const reach = end === CUT ? window.end : end < CUT ? -2 - end : end;
    if (reach - window.at > MAX_NUMBER_BYTES) return this.#fail(window, 'invalid_field', `A number has more than ${MAX_NUMBER_BYTES} characters.`, this.#path());
    if (end === CUT) return MORE;
    if (end < CUT) return this.#notJson(window, 'a number as JSON writes them', -2 - end);
    const column = this.#columnNow();
    const { dtype, elementBytes } = column.plan;
    if (elementBytes === 0 || dtype === 'bool') return this.#wrongType(window, 'a number');
    if (!this.#place(window)) return FAILED;
    const text = window.bytes.toString('latin1', window.at, end);
    if (this.#targetNow().exactForms && INTEGER_RANGE.has(dtype) && /[.eE]/.test(text)) return this.#unfit(window, text);
    one[0] = Number(text);
    column.reserve(elementBytes);
    if (storeNumbers(dtype, column.views, column.writeAt, one, 1) === 0) {
      const wide = dtype === 'int64' || dtype === 'uint64' ? exactInteger(text) : undefined;
      if (wide === undefined || !storeBigInteger(dtype === 'int64' ? 'int64' : 'uint64', column.views, column.writeAt, wide)) return this.#unfit(window, text);
    }
    column.used += elementBytes;
    window.skip(end - window.at);
    this.#wholeElement();
    return undefined;
  }

  /** A word for a number that is not finite. */
  #notFinite(window: ByteWindow, negative: boolean): Step | undefined {
    const { bytes, at, end } = window;
    const from = negative ? at + 1 : at;
    let to = from;
    while (to < end && to - from <= LONGEST_NOT_FINITE && isLetter(bytes[to] as number)) to++;
    const word = bytes.toString('latin1', from, to);
    if (to === end && [...NOT_FINITE.keys()].some((known) => known.startsWith(word))) return MORE;
    const value = NOT_FINITE.get(word);
    if (value === undefined) return this.#notJson(window, 'a value', at);
    const column = this.#columnNow();
    const { dtype, elementBytes } = column.plan;
    if (!this.#place(window)) return FAILED;
    column.reserve(elementBytes);
    if (!storeNotFinite(dtype, column.views, column.writeAt, negative && value > 0 ? -value : value)) return this.#wrongType(window, word);
    column.used += elementBytes;
    window.skip(to - at);
    this.#wholeElement();
    return undefined;
  }

  /** A number that the dtype does not hold. */
  #unfit(window: ByteWindow, text: string): Step {
    const { dtype } = this.#columnNow().plan;
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const range = INTEGER_RANGE.get(dtype);
    if (range === undefined) return this.#fail(window, 'not_finite', `${shown} is not finite in ${dtype}.`, this.#path());
    return this.#fail(window, 'wrong_dtype', `Expected an integer from ${range[0]} to ${range[1]} (${dtype}), got ${shown}.`, this.#path());
  }

  #literal(window: ByteWindow, c: number): Step | undefined {
    const { bytes, at, end } = window;
    const found = LITERALS.find(([word]) => word.charCodeAt(0) === c);
    if (found === undefined) return this.#notJson(window, 'a value', at);
    const [word, kind] = found;
    for (let i = 0; i < word.length; i++) {
      if (at + i >= end) return MORE;
      if (bytes[at + i] !== word.charCodeAt(i)) return this.#notJson(window, `\`${word}\``, at + i);
    }
    const column = this.#columnNow();
    if (column.plan.dtype !== 'bool' || c === 0x6e) return this.#wrongType(window, kind);
    if (!this.#place(window)) return FAILED;
    column.reserve(1);
    column.views.uint8[column.writeAt] = c === 0x74 ? 1 : 0;
    column.used++;
    window.skip(word.length);
    this.#wholeElement();
    return undefined;
  }

  /** An element of dtype `bytes`: its length, then its UTF-8. */
  #string(window: ByteWindow): Step | undefined {
    const end = this.#stringEnd(window);
    if (end <= 0) return end === MORE ? MORE : FAILED;
    if (!this.#place(window)) return FAILED;
    const from = window.at + 1;
    const text = stringText(window.bytes, from, end);
    if (text === undefined) return this.#notJson(window, 'a string in UTF-8 with escapes that JSON knows', window.at);
    if (/\p{Surrogate}/u.test(text)) return this.#fail(window, 'wrong_dtype', 'A string has half of a surrogate pair, which has no UTF-8.', this.#path());
    const column = this.#columnNow();
    const length = Buffer.byteLength(text);
    this.#beginBytes(column, length);
    Buffer.from(column.views.uint8.buffer, column.views.uint8.byteOffset + column.writeAt, length).write(text);
    column.used += length;
    window.skip(end + 1 - window.at);
    this.#wholeElement();
    return undefined;
  }

  #base64Key(window: ByteWindow, c: number): Step | undefined {
    if (c === 0x7d) return this.#wrongType(window, 'an empty object');
    if (c !== 0x22) return this.#notJson(window, 'a field name', window.at);
    const end = this.#stringEnd(window);
    if (end <= 0) return end === MORE ? MORE : FAILED;
    if (!sameBytes(window.bytes, window.at + 1, end, B64_KEY)) {
      const name = stringText(window.bytes, window.at + 1, end);
      if (name === undefined) return this.#notJson(window, 'a string in UTF-8 with escapes that JSON knows', window.at);
      if (name !== 'b64') return this.#fail(window, 'unknown_field', 'An object in place of a tensor has the one field `b64`.', `${this.#path()}${pathMember(name)}`);
    }
    window.skip(end + 1 - window.at);
    this.#state = 'b64_colon';
    return undefined;
  }

  #base64Value(window: ByteWindow, c: number): Step | undefined {
    if (c !== 0x22) return this.#fail(window, 'invalid_base64', 'Expected a string in base64.', `${this.#path()}.b64`);
    const end = this.#stringEnd(window);
    if (end <= 0) return end === MORE ? MORE : FAILED;
    const text = stringText(window.bytes, window.at + 1, end);
    if (text === undefined) return this.#notJson(window, 'a string in UTF-8 with escapes that JSON knows', window.at);
    const length = base64Bytes(text);
    if (length < 0) return this.#fail(window, 'invalid_base64', 'The base64 text is not padded to a multiple of four characters.', `${this.#path()}.b64`);
    const column = this.#columnNow();
    const { elementBytes } = column.plan;
    if (elementBytes === 0) {
      this.#beginBytes(column, length);
    } else {
      const count = length / elementBytes;
      if (!this.#total(window, count, `${length} bytes of base64`)) return FAILED;
      column.reserve(length);
    }
    if (!decodeBase64(text, column.views.uint8, column.writeAt)) {
      return this.#fail(window, 'invalid_base64', 'A character is not of the base64 alphabet.', `${this.#path()}.b64`);
    }
    if (column.plan.dtype === 'bool' && !areBooleans(column.views.uint8, column.writeAt, length)) {
      return this.#fail(window, 'wrong_dtype', 'A byte of a bool is neither 0 nor 1.', `${this.#path()}.b64`);
    }
    column.used += length;
    window.skip(end + 1 - window.at);
    this.#state = 'b64_close';
    return undefined;
  }

  #beginBytes(column: ColumnBuilder, length: number): void {
    column.reserve(4 + length);
    const { uint8 } = column.views;
    const at = column.writeAt;
    for (let i = 0; i < 4; i++) uint8[at + i] = (length >>> (8 * i)) & 0xff;
    column.used += 4;
  }

  /** Where the string that begins here has its closing quote (never 0), or the step to return where that is not here. */
  #stringEnd(window: ByteWindow): number {
    const end = stringEnd(window);
    const limit = this.#targetNow().maxStringBytes;
    if (stringReach(window, end) > limit + 1) return this.#fail(window, 'body_too_large', `A string has more than ${limit} bytes.`, this.#path());
    if (end === OPEN) return MORE;
    return end < OPEN ? this.#notJson(window, 'no control character in a string', -2 - end) : end;
  }

  /** Checks that an element may stand here; the first one of a row settles how it is nested. */
  #place(window: ByteWindow): boolean {
    const { plan } = this.#columnNow();
    const rank = plan.shape.length;
    if (this.#leaf < 0) {
      const depth = this.#depth;
      const scalar = depth === 0 && (rank === 0 || (rank === 1 && plan.shape[0] === 1));
      if (!scalar && depth !== rank && (depth !== 1 || this.#targetNow().exactForms)) return this.#misplaced(window);
      if (depth === 1 && rank !== 1) {
        if (plan.open > 1) {
          this.#fail(window, 'wrong_shape', `A row of shape [${plan.shape.join(', ')}] needs nested arrays: it has more than one open extent.`, this.#path(0));
          return false;
        }
        this.#flatLimit = this.#extents.includes(-1) ? -1 : product(this.#extents);
      }
      this.#leaf = depth;
    } else if (this.#leaf !== this.#depth) {
      return this.#misplaced(window);
    }
    if (this.#depth > 0 && this.#roomFor() === 0) {
      this.#overfull(window);
      return false;
    }
    return true;
  }

  #misplaced(window: ByteWindow): boolean {
    this.#fail(window, 'wrong_shape', `${this.#expected()}, got a single value.`, this.#path());
    return false;
  }

  /** How many more the innermost open array may take; -1 where any number will do. */
  #roomFor(): number {
    const limit = this.#isFlat() ? this.#flatLimit : (this.#extents[this.#depth - 1] ?? -1);
    return limit < 0 ? -1 : limit - (this.#counts[this.#depth] ?? 0);
  }

  #isFlat(): boolean {
    return this.#leaf === 1 && this.#columnNow().plan.shape.length !== 1;
  }

  #after(window: ByteWindow, c: number): Step | undefined {
    if (c === 0x2c) {
      window.skip(1);
      this.#state = 'value';
      return undefined;
    }
    return c === 0x5d ? this.#close(window) : this.#notJson(window, "',' or ']'", window.at, this.#depth - 1);
  }

  #close(window: ByteWindow): Step | undefined {
    const depth = this.#depth;
    const count = this.#counts[depth] ?? 0;
    if (this.#isFlat()) {
      if (!this.#total(window, count, `${count}`)) return FAILED;
    } else if (this.#columnNow().plan.shape.length > 0) {
      const level = depth - 1;
      const extent = this.#extents[level] ?? -1;
      if (extent < 0) this.#extents[level] = count;
      else if (extent !== count) return this.#miscounted(window, level, extent, `${count}`);
      this.#closed[level] = true;
    } else {
      return this.#fail(window, 'wrong_shape', `Expected ${plural(1, this.#columnNow().plan.dtype)}, got 0.`, this.#path(0));
    }
    window.skip(1);
    this.#depth--;
    this.#wholeElement();
    return undefined;
  }

  /** A flat row, or one in base64, has `count` elements: fits that to the shape. */
  #total(window: ByteWindow, count: number, got: string): boolean {
    const { plan, rows } = this.#columnNow();
    const open = this.#extents.indexOf(-1);
    const known = product(this.#extents.filter((extent) => extent >= 0));
    // More than one open extent is refused in every row, also where an earlier one has settled them.
    if (plan.open < 2 && (open < 0 ? count === known : count % known === 0)) {
      if (open >= 0) this.#extents[open] = count / known;
      return true;
    }
    const code: ErrorCode = plan.open === 1 && !plan.ragged && rows > 0 ? 'ragged_input' : 'wrong_shape';
    const wanted = open < 0 && plan.open < 2 ? plural(known, plan.dtype) : plan.open === 1 ? `a multiple of ${plural(known, plan.dtype)}` : 'nested arrays, as more than one extent is open';
    this.#fail(window, code, `Expected ${wanted} (${plan.dtype}, shape [${plan.shape.join(', ')}]), got ${got}.`, this.#path(0));
    return false;
  }

  /** An element, or a nested array, is complete. */
  #wholeElement(): void {
    if (this.#depth > 0) this.#counts[this.#depth] = (this.#counts[this.#depth] ?? 0) + 1;
    this.#state = 'after';
    if (this.#depth > 0) return;
    for (let i = 0; i < this.#extents.length; i++) {
      // Below an empty array nothing came that could say an extent.
      if ((this.#extents[i] ?? 0) < 0) this.#extents[i] = 0;
    }
    const column = this.#columnNow();
    column.endRow(column.plan.open === 0 ? column.plan.shape : this.#extents.slice());
  }

  #overfull(window: ByteWindow): Step {
    const limit = this.#isFlat() ? this.#flatLimit : (this.#extents[this.#depth - 1] ?? 0);
    return this.#miscounted(window, this.#depth - 1, limit, 'more');
  }

  #miscounted(window: ByteWindow, level: number, extent: number, got: string): Step {
    const { plan, rows } = this.#columnNow();
    const flat = this.#isFlat();
    const rowsDiffer = rows > 0 && !plan.ragged && (flat ? plan.open > 0 : plan.shape[level] === -1);
    const what = flat || level === plan.shape.length - 1 ? plural(extent, plan.dtype) : `${extent} arrays`;
    return this.#fail(window, rowsDiffer || this.#closed[level] === true ? 'ragged_input' : 'wrong_shape', `Expected ${what}, got ${got}.`, this.#path(this.#depth - 1));
  }

  #wrongType(window: ByteWindow, got: string): Step {
    const { dtype } = this.#columnNow().plan;
    const wanted = dtype === 'bool' ? '`true` or `false`' : dtype === 'bytes' ? 'a string or {"b64": …}' : `a number (${dtype})`;
    return this.#fail(window, 'wrong_dtype', `Expected ${wanted}, got ${got}.`, this.#path());
  }

  #expected(): string {
    const { shape, dtype } = this.#columnNow().plan;
    const leaf = this.#leaf < 0 ? shape.length : this.#leaf;
    if (this.#depth >= leaf) return `Expected a single value of ${dtype}`;
    const extent = shape[this.#depth] ?? -1;
    return `Expected an array${extent < 0 ? '' : ` of ${extent}`} (${dtype}, shape [${shape.join(', ')}])`;
  }

  /** Where the parser stands, down to `depth` indexes. */
  #path(depth: number = this.#depth): string {
    let path = '';
    for (let d = 1; d <= depth; d++) path += `[${this.#counts[d] ?? 0}]`;
    return path;
  }

  #notJson(window: ByteWindow, wanted: string, at: number, depth: number = this.#depth): Step {
    return this.#fail(window, 'not_json', `Expected ${wanted}, got ${describe(window, at)}.`, this.#path(depth), at);
  }

  #fail(window: ByteWindow, code: ErrorCode, message: string, path: string, at: number = window.at): typeof FAILED {
    this.failure = { code, message: `${message.replace(/\.$/, '')} (byte ${window.position(at)}).`, path };
    return FAILED;
  }

  #columnNow(): ColumnBuilder {
    if (this.#column === undefined) throw new Error('the tensor parser was used before it was started');
    return this.#column;
  }

  #targetNow(): ParseTarget {
    if (this.#target === undefined) throw new Error('the tensor parser was used before it was started');
    return this.#target;
  }
}

/** What stands at a byte, for messages. */
export function describe(window: ByteWindow, at: number): string {
  if (at >= window.end) return 'the end';
  const c = window.bytes[at] ?? 0;
  return c > 0x20 && c < 0x7f ? `'${String.fromCharCode(c)}'` : `byte 0x${c.toString(16).padStart(2, '0')}`;
}

/** Whether a word for a number that is not finite begins here, its sign included. */
function beginsNotFinite({ bytes, at, end }: ByteWindow, c: number): boolean {
  const first = c !== 0x2d ? c : at + 1 < end ? bytes[at + 1] : 0;
  return first === 0x4e || first === 0x49;
}

function isLetter(c: number): boolean {
  return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
}

/** How many of `count` numbers come before the first that is written with a point or an exponent. */
function plainIntegers(bytes: Uint8Array, from: number, to: number, count: number): number {
  let plain = 0;
  for (let at = from; at < to; at++) {
    const c = bytes[at];
    if (c === 0x2c) plain++;
    else if (c === 0x2e || c === 0x65 || c === 0x45) return plain;
  }
  return count;
}

/** Where the number after `count` commas begins; there is nothing but numbers, commas and white space. */
function afterCommas(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0; at++) if (bytes[at] === 0x2c) left--;
  return at;
}

function areBooleans(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if ((bytes[i] ?? 2) > 1) return false;
  return true;
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
