import type { Failure } from '../../domain/answer.ts';
import type { ByteWindow } from './byte-window.ts';
import type { ColumnBuilder } from './column-builder.ts';
import type { ParseTarget } from './parse-target.ts';
import { type Base64Part, readBase64 } from './row-base64.ts';
import { type RowFault, RowNesting } from './row-nesting.ts';
import { beginsNotFinite, readNotFinite, readNumber } from './row-number.ts';
import { CUT_OFF, notJson, type Read, type Row } from './row-read.ts';
import { readRun } from './row-run.ts';
import { readText } from './row-text.ts';
import { readWord } from './row-word.ts';

/** What a step of the parser came to. */
export const DONE = 1;
export const MORE = 0;
export const FAILED = -1;
export type Step = typeof DONE | typeof MORE | typeof FAILED;

/**
 * Where the parser stands; the word says what it expects next: a value (`first`: or the end of the array), what follows one,
 * or a part of an object in base64. In `excess` arrays are nested deeper than the shape.
 */
type State = 'value' | 'first' | 'after' | 'excess' | Base64Part;

const NEXT_PART: Readonly<Record<Base64Part, State>> = Object.freeze({ key: 'colon', colon: 'text', text: 'close', close: 'after' });

/**
 * Reads one row of one input, `X` of `{"input": X}`, into its column: a scalar, a flat array, arrays nested as the shape
 * is, or an object with base64. Goes from token to token, so that it can stop wherever the window ends.
 */
export class TensorParser {
  readonly #nesting = new RowNesting();
  #row: Row | undefined;
  #state: State = 'value';
  /** Brackets met in an array that is nested deeper than the shape. */
  #excess = 0;
  /** Why it failed; the path is relative to the row. */
  failure: Failure | undefined;

  /** Begins a row of `column`. */
  start(target: ParseTarget, column: ColumnBuilder): void {
    if (this.#row?.target !== target) this.#row = { nesting: this.#nesting, target };
    this.#nesting.start(column, target.exactForms);
    this.#state = 'value';
    this.failure = undefined;
    column.beginRow();
  }

  /** Begins a row whose `{"b64"` the caller has read; false where base64 cannot be this row. */
  startBase64(target: ParseTarget, column: ColumnBuilder, window: ByteWindow): boolean {
    this.start(target, column);
    this.#state = 'colon';
    const misplaced = column.plan.elementBytes > 0 ? undefined : this.#nesting.place();
    if (misplaced !== undefined) this.#fail(window, misplaced);
    return misplaced === undefined;
  }

  /** Reads on; `MORE` where the window is used up, `DONE` once the row is whole and in its column. */
  step(window: ByteWindow): Step {
    const row = this.#row;
    if (row === undefined) throw new Error('the tensor parser was used before it was started');
    for (;;) {
      const c = window.peek();
      if (c < 0) return MORE;
      const read = this.#token(window, row, c);
      if (read === CUT_OFF) return MORE;
      if (read !== undefined) return this.#fail(window, read);
      if (this.#nesting.depth === 0 && this.#state === 'after') return DONE;
    }
  }

  #token(window: ByteWindow, row: Row, c: number): Read {
    switch (this.#state) {
      case 'first': return c === 0x5d ? this.#close(window) : this.#value(window, row, c);
      case 'value': return this.#value(window, row, c);
      case 'after': return this.#after(window, row, c);
      case 'excess': return this.#deeper(window, row, c);
      case 'key': case 'colon': case 'text': case 'close': return this.#base64(window, row, this.#state, c);
    }
  }

  #value(window: ByteWindow, row: Row, c: number): Read {
    const nesting = this.#nesting;
    const { dtype, elementBytes } = nesting.column.plan;
    if (c === 0x5b) return this.#open(window);
    if (c === 0x7b && (elementBytes === 0 || (nesting.depth === 0 && !row.target.exactForms))) {
      const misplaced = elementBytes === 0 ? nesting.place() : undefined;
      if (misplaced !== undefined) return misplaced;
      window.skip(1);
      this.#state = 'key';
      return undefined;
    }
    if (nesting.depth > 0 && elementBytes > 0 && dtype !== 'bool' && isNumberStart(c)) return this.#numbers(window, row);
    return this.#element(window, row, c);
  }

  #open(window: ByteWindow): Read {
    if (this.#nesting.atLeaf) {
      this.#excess = this.#nesting.depth;
      this.#state = 'excess';
      return undefined;
    }
    const overfull = this.#nesting.open();
    if (overfull !== undefined) return overfull;
    window.skip(1);
    this.#state = 'first';
    return undefined;
  }

  /** An array stands where an element should: `too_deep` if it goes on like that, else `wrong_shape`; the same however the body is cut. */
  #deeper(window: ByteWindow, { nesting, target: { maxDepth } }: Row, c: number): Read {
    if (c !== 0x5b) return nesting.excess();
    if (++this.#excess > maxDepth) return { code: 'too_deep', message: `Arrays are nested more than ${maxDepth} deep.`, path: nesting.path() };
    window.skip(1);
    return undefined;
  }

  /** A run of numbers the fast way, and one number the slow way where that stopped. */
  #numbers(window: ByteWindow, row: Row): Read {
    const misplaced = this.#nesting.place();
    if (misplaced !== undefined) return misplaced;
    const run = readRun(window, row);
    if (run === 'stopped') return this.#element(window, row, window.peek());
    this.#state = run === 'comma' ? 'value' : 'after';
    return undefined;
  }

  /** One element, whatever it is. */
  #element(window: ByteWindow, row: Row, c: number): Read {
    const read = readElement(window, row, c);
    this.#state = read === undefined ? 'after' : 'value';
    return read;
  }

  #base64(window: ByteWindow, row: Row, part: Base64Part, c: number): Read {
    const read = readBase64(window, row, part, c);
    if (read === undefined) this.#state = NEXT_PART[part];
    return read;
  }

  #after(window: ByteWindow, row: Row, c: number): Read {
    if (c === 0x5d) return this.#close(window);
    if (c !== 0x2c) return notJson(window, row, "',' or ']'", window.at, this.#nesting.depth - 1);
    window.skip(1);
    this.#state = 'value';
    return undefined;
  }

  #close(window: ByteWindow): Read {
    const misfit = this.#nesting.close();
    if (misfit !== undefined) return misfit;
    window.skip(1);
    this.#state = 'after';
    return undefined;
  }

  #fail(window: ByteWindow, { code, message, path, at = window.at }: RowFault): typeof FAILED {
    this.failure = { code, message: `${message.replace(/\.$/, '')} (byte ${window.position(at)}).`, path };
    return FAILED;
  }
}

function readElement(window: ByteWindow, row: Row, c: number): Read {
  if (row.target.nonFinite && beginsNotFinite(window, c)) return readNotFinite(window, row);
  if (isNumberStart(c)) return readNumber(window, row);
  if (c === 0x22) return row.nesting.column.plan.elementBytes > 0 ? row.nesting.wrongType('a string') : readText(window, row);
  if (c === 0x7b) return row.nesting.wrongType('an object');
  return readWord(window, row);
}

function isNumberStart(c: number): boolean {
  return c === 0x2d || (c >= 0x30 && c <= 0x39);
}
