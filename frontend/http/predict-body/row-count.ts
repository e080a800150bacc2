import type { ParseResult } from './predict-body.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;
const MANY = 'inputs';

/**
 * Reads a JSON body whose inputs nobody knows yet, for the one thing that the answer needs of it: whether it has one row
 * or `inputs`, and how many. Nothing else of it is judged or kept; of what is no JSON it makes one row.
 */
export class RowCount {
  readonly #maxRows: number;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The next string of the body itself is a key. */
  #isKey = true;
  #key = '';
  /** The array of `inputs` is open. */
  #inRows = false;
  #many = false;
  /** Something stands behind the last comma of that array. */
  #isBegun = false;
  #rows = 0;

  /** Of more than `maxRows` rows the body is refused. */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  push(chunk: Buffer): void {
    for (const c of chunk) {
      if (this.#inString) this.#text(c);
      else if (c > 0x20) this.#mark(c);
    }
  }

  end(): ParseResult {
    if (this.#many && this.#rows === 0) return { ok: false, failure: { code: 'empty_inputs', message: 'Expected at least one row.', path: MANY } };
    if (this.#rows > this.#maxRows) return { ok: false, failure: { code: 'too_many_rows', message: `Expected at most ${this.#maxRows} rows.`, path: MANY } };
    return { ok: true, body: { columns: [], rows: this.#many ? this.#rows : 1, many: this.#many, batchKey: '', explain: false } };
  }

  /** It holds nothing. */
  abort(): void {}

  #text(c: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (c === BACKSLASH) this.#escaped = true;
    else if (c === QUOTE) {
      this.#inString = false;
      return;
    }
    if (this.#depth === 1 && this.#isKey && this.#key.length <= MANY.length) this.#key += String.fromCharCode(c);
  }

  #mark(c: number): void {
    if (this.#inRows && this.#depth === 2 && c !== COMMA && c !== CLOSE_ARRAY && !this.#isBegun) {
      this.#isBegun = true;
      this.#rows++;
    }
    switch (c) {
      case QUOTE: return this.#string();
      case COLON: return this.#value();
      case COMMA: return this.#comma();
      case OPEN_ARRAY: case OPEN_OBJECT: return this.#open(c);
      case CLOSE_ARRAY: case CLOSE_OBJECT: return this.#close();
    }
  }

  #string(): void {
    this.#inString = true;
    if (this.#depth === 1 && this.#isKey) this.#key = '';
  }

  #value(): void {
    if (this.#depth === 1) this.#isKey = false;
  }

  #comma(): void {
    if (this.#depth === 1) this.#isKey = true;
    else if (this.#inRows && this.#depth === 2) this.#isBegun = false;
  }

  #open(c: number): void {
    this.#depth++;
    if (this.#depth !== 2 || c !== OPEN_ARRAY || this.#isKey || this.#key !== MANY) return;
    this.#inRows = true;
    this.#many = true;
  }

  #close(): void {
    this.#depth--;
    if (this.#depth === 1) this.#inRows = false;
  }
}
