import type { Failure } from '../../domain/answer.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { InputColumn } from '../../domain/query.ts';
import { ByteWindow } from '../predict-body/byte-window.ts';
import { ColumnBuilder } from '../predict-body/column-builder.ts';
import { OPEN, sameBytes, stringEnd, stringReach, stringText } from '../predict-body/json-string.ts';
import { JsonValueScanner, jsonValue } from '../predict-body/json-value.ts';
import type { ParseTarget } from '../predict-body/parse-target.ts';
import { describe, DONE, FAILED, MORE, TensorParser } from '../predict-body/tensor-parser.ts';

/** The body of a `:predict` request, checked against the inputs of what it asks. */
export interface TfsPredictBody {
  readonly columns: readonly InputColumn[];
  readonly rows: number;
  readonly batchKey: string;
  /** It gave `instances`: the answer has `predictions`, one a row; else it gave `inputs`, and the answer has `outputs`. */
  readonly rowForm: boolean;
  readonly signatureName: string;
  /** Outputs that are wanted; empty: all. */
  readonly outputFilter: readonly string[];
}

export type TfsParseResult =
  | { readonly ok: true; readonly body: TfsPredictBody }
  /** The message is one that TensorFlow Serving gives, or in its style. */
  | { readonly ok: false; readonly failure: Failure };

const MAX_KEY_BYTES = 1024;
const MAX_OUTPUTS = 256;
const B64 = Buffer.from('b64');
const BOTH_FORMS = "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist";

/**
 * Where the parser stands; the word says what it expects next. `row` is an element of `instances` or of a column's
 * outermost list; `named` is the object of a row's inputs (row form) or of the request's columns (column form).
 *
 *     body_open → body_first_key → body_colon → rows_open | columns | other → body_after → body_key | tail
 *     rows_open → rows_first → row → rows_after → row | (column is whole)
 *     columns → rows_open, or named_first_key → named_colon → named_value → … → named_after → named_key | body_after
 */
type State =
  | 'body_open' | 'body_first_key' | 'body_key' | 'body_colon' | 'other' | 'body_after' | 'tail'
  | 'rows_open' | 'rows_first' | 'row' | 'rows_after' | 'tensor' | 'columns'
  | 'named_first_key' | 'named_key' | 'named_colon' | 'named_value' | 'named_after' | 'failed';

/**
 * Parses the JSON body of TensorFlow Serving's `:predict` as its chunks arrive: `reset`, any number of `push`, then `end`
 * or `abort`. Numbers go from the bytes straight into slabs, by the machinery of the native body; a row is a row of
 * the batch, in either form. What follows the document is not read, and keys that the protocol does not know are
 * passed over, as there. One parser serves one request at a time and is then used anew.
 */
export class TfsPredictParser {
  readonly #window = new ByteWindow();
  readonly #tensor = new TensorParser();
  readonly #values = new JsonValueScanner();
  readonly #columns: ColumnBuilder[] = [];
  #target: ParseTarget | undefined;
  #state: State = 'body_open';
  #failure: Failure | undefined;
  #key = '';
  #form: 'instances' | 'inputs' | undefined;
  #signatureName = '';
  #outputFilter: readonly string[] = [];
  /** Row form: rows that are whole. */
  #rows = 0;
  /** Row form: rows are objects of named inputs; undefined before the first. */
  #objects: boolean | undefined;
  /** Column form: columns come by their names. */
  #byName = false;
  #input = 0;
  /** An object of inputs by name is open. */
  #named = false;
  #empty = true;

  /** Makes ready for another body; what an unfinished one held is given back. */
  reset(target: ParseTarget): void {
    this.abort();
    this.#target = target;
    this.#window.reset();
    this.#state = 'body_open';
    this.#failure = undefined;
    this.#form = undefined;
    this.#signatureName = '';
    this.#outputFilter = [];
    this.#rows = 0;
    this.#objects = undefined;
    this.#byName = false;
    this.#named = false;
    this.#empty = true;
    while (this.#columns.length < target.plans.length) this.#columns.push(new ColumnBuilder());
  }

  /** The next bytes of the body; they are read before it returns. */
  push(chunk: Buffer): void {
    let at = 0;
    if (chunk.length > 0) this.#empty = false;
    while (at < chunk.length && this.#state !== 'failed' && this.#state !== 'tail') {
      at += this.#window.append(chunk, at);
      this.#run();
    }
  }

  /** There are no more bytes. The parser then holds nothing. */
  end(): TfsParseResult {
    if (this.#empty) this.#fail('not_json', 'JSON Parse error: The document is empty');
    if (this.#state !== 'tail' && this.#state !== 'failed') this.#notJson('the rest of the document', this.#window.end);
    if (this.#state === 'tail' && this.#form === undefined) this.#fail('missing_input', "Missing 'inputs' or 'instances' key");
    const rows = this.#state === 'tail' ? this.#rowCount() : 0;
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const { plans, batchKey } = this.#targetNow();
    const columns = plans.map((_, i) => this.#column(i).finish());
    return {
      ok: true,
      body: {
        columns, rows, batchKey: batchKey ?? batchKeyOf(plans, columns.map((column) => column.shape)),
        rowForm: this.#form === 'instances', signatureName: this.#signatureName, outputFilter: this.#outputFilter,
      },
    };
  }

  /** The body will not be finished: gives back what is held. */
  abort(): void {
    for (const column of this.#columns) column.release();
    this.#state = 'failed';
  }

  /** How many rows there are; in column form, all columns must have as many. */
  #rowCount(): number {
    const { plans } = this.#targetNow();
    const rows = this.#column(0).rows;
    for (let i = 1; i < plans.length; i++) {
      const other = this.#column(i).rows;
      if (other !== rows) this.#fail('wrong_shape', `Input tensor: ${plans[i]?.name} has inconsistent batch size: ${other} expecting: ${rows}`);
    }
    return rows;
  }

  #run(): void {
    const window = this.#window;
    while (this.#state !== 'failed' && this.#state !== 'tail') {
      if (this.#state === 'tensor') {
        const step = this.#tensor.step(window);
        if (step === MORE) return;
        if (step === FAILED) this.#tensorFailed();
        else if (step === DONE) this.#tensorDone();
        continue;
      }
      const c = window.peek();
      if (c < 0 || !this.#token(window, c)) return;
    }
  }

  /** Takes one token; false where it needs more bytes. */
  #token(window: ByteWindow, c: number): boolean {
    switch (this.#state) {
      case 'body_open':
        if (c !== 0x7b) return this.#fail('not_json', `JSON Value: ${describe(window, window.at)} Is not object`);
        return this.#advance('body_first_key');
      case 'body_first_key': return c === 0x7d ? this.#advance('tail') : this.#bodyKey(window, c);
      case 'body_key': return this.#bodyKey(window, c);
      case 'body_colon': return c === 0x3a ? this.#advance(this.#beginValue()) : this.#notJson("':'");
      case 'other': return this.#other(window);
      case 'body_after':
        if (c === 0x2c) return this.#advance('body_key');
        return c === 0x7d ? this.#advance('tail') : this.#notJson("',' or '}'");
      case 'rows_open': return this.#rowsOpen(c);
      case 'rows_first': return c === 0x5d ? this.#noRows() : this.#row(c);
      case 'row': return this.#row(c);
      case 'rows_after':
        if (c === 0x2c) return this.#advance('row');
        return c === 0x5d ? this.#advance(this.#form === 'instances' || !this.#byName ? 'body_after' : 'named_after') : this.#notJson("',' or ']'");
      case 'columns': return this.#beginColumns(c);
      case 'named_first_key': return c === 0x7d ? this.#namedDone() : this.#namedKey(window, c, true);
      case 'named_key': return this.#namedKey(window, c, false);
      case 'named_colon': return c === 0x3a ? this.#advance(this.#form === 'inputs' ? 'rows_open' : 'named_value') : this.#notJson("':'");
      case 'named_value':
        this.#tensor.start(this.#targetNow(), this.#column(this.#input));
        this.#state = 'tensor';
        return true;
      case 'named_after':
        if (c === 0x2c) return this.#advance('named_key');
        return c === 0x7d ? this.#namedDone() : this.#notJson("',' or '}'");
      case 'tensor': case 'tail': case 'failed': return true;
    }
  }

  #bodyKey(window: ByteWindow, c: number): boolean {
    const key = this.#text(window, c);
    if (key === undefined) return this.#state === 'failed';
    if (key === 'instances' || key === 'inputs') {
      if (this.#form !== undefined) return this.#fail('ambiguous_input', BOTH_FORMS);
      this.#form = key;
    }
    this.#key = key;
    this.#state = 'body_colon';
    return true;
  }

  #beginValue(): State {
    if (this.#key !== 'instances' && this.#key !== 'inputs') {
      this.#values.reset();
      return 'other';
    }
    const target = this.#targetNow();
    target.plans.forEach((plan, i) => this.#column(i).begin(target, plan, target.maxRows));
    return this.#key === 'instances' ? 'rows_open' : 'columns';
  }

  /** `signature_name`, `output_filter`, or a key that means nothing here. */
  #other(window: ByteWindow): boolean {
    const { maxDepth, maxContextBytes } = this.#targetNow();
    const found = this.#values.scan(window, maxDepth);
    const reach = found.kind === 'cut' ? window.end : found.at;
    if (reach - window.at > maxContextBytes) return this.#fail('invalid_field', `The value of key '${this.#key}' has more than ${maxContextBytes} bytes`);
    if (found.kind === 'too_deep') return this.#fail('too_deep', `The value of key '${this.#key}' is nested more than ${maxDepth} deep`);
    if (found.kind === 'cut') return false;
    const value = jsonValue(window.bytes, window.at, found.at);
    if (value === undefined) return this.#notJson('a value');
    if (this.#key === 'signature_name') {
      if (typeof value !== 'string') return this.#fail('invalid_field', `JSON Value: ${JSON.stringify(value).slice(0, 60)} not formatted correctly. 'signature_name' key must be a string value.`);
      this.#signatureName = value;
    } else if (this.#key === 'output_filter') {
      if (!areNames(value)) return this.#fail('invalid_field', `'output_filter' key must be a list of at most ${MAX_OUTPUTS} string values.`);
      this.#outputFilter = value;
    }
    window.skip(found.at - window.at);
    this.#state = 'body_after';
    return true;
  }

  #rowsOpen(c: number): boolean {
    if (c === 0x5b) return this.#advance('rows_first');
    if (this.#form === 'instances') return this.#fail('wrong_shape', "Excepting 'instances' to be an list/array");
    return this.#fail('wrong_shape', `${this.#where()}Expected a list, whose first dimension is the batch, got ${describe(this.#window, this.#window.at)}`);
  }

  #noRows(): boolean {
    return this.#fail('empty_inputs', this.#form === 'instances' ? "No values in 'instances' array" : `${this.#where()}No values in the first dimension, which is the batch`);
  }

  /** One element of `instances`, or of a column. */
  #row(c: number): boolean {
    const { plans, maxRows } = this.#targetNow();
    const rows = this.#form === 'instances' ? this.#rows : this.#column(this.#input).rows;
    if (rows >= maxRows) return this.#fail('too_many_rows', `A request has at most ${maxRows} rows`);
    if (this.#form === 'instances') {
      if (c === 0x7b) {
        this.#named = true;
        return this.#advance('named_first_key');
      }
      if (plans.length > 1 && rows === 0) {
        return this.#fail('missing_input', 'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map');
      }
      if (!this.#isA(false)) return true;
      this.#input = 0;
    }
    this.#tensor.start(this.#targetNow(), this.#column(this.#input));
    this.#state = 'tensor';
    return true;
  }

  /** The first row says whether all of them are objects. */
  #isA(object: boolean): boolean {
    this.#objects ??= object;
    if (this.#objects === object) return true;
    return !this.#fail('wrong_shape', object ? `Expecting value/list but got object at item ${this.#rows} of input list` : `Expecting object but got list at item ${this.#rows} of input list`);
  }

  #beginColumns(c: number): boolean {
    if (c === 0x7b) {
      this.#byName = true;
      this.#named = true;
      return this.#advance('named_first_key');
    }
    if (this.#targetNow().plans.length > 1) {
      return this.#fail('missing_input', 'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map');
    }
    this.#input = 0;
    return this.#rowsOpen(c);
  }

  #namedKey(window: ByteWindow, c: number, first: boolean): boolean {
    const { plans } = this.#targetNow();
    const end = this.#keyEnd(window, c);
    if (end < 0) return end !== OPEN;
    let input = plans.findIndex((plan) => sameBytes(window.bytes, window.at + 1, end, plan.nameBytes));
    if (input < 0) {
      const name = stringText(window.bytes, window.at + 1, end);
      if (name === undefined) return this.#notJson('a name in UTF-8 with escapes that JSON knows');
      input = plans.findIndex((plan) => plan.name === name);
      if (input < 0 && first && plans.length === 1 && (name === 'b64' || sameBytes(window.bytes, window.at + 1, end, B64))) return this.#base64Row(window, end);
      if (input < 0) return this.#fail('unknown_input', `${this.#where()}JSON object: does not have named input: ${name.slice(0, 64)}`);
    }
    if (this.#form === 'instances' && first && !this.#isA(true)) return true;
    this.#input = input;
    if (this.#column(input).rows > (this.#form === 'instances' ? this.#rows : 0)) return this.#fail('duplicate_field', `${this.#where()}The input is given twice`);
    window.skip(end + 1 - window.at);
    this.#state = 'named_colon';
    return true;
  }

  /** A row that is `{"b64": …}`: one string, of the only input. */
  #base64Row(window: ByteWindow, end: number): boolean {
    this.#named = false;
    if (this.#form === 'inputs') return this.#rowsOpen(0x7b);
    if (!this.#isA(false)) return true;
    const column = this.#column(0);
    this.#input = 0;
    if (column.plan.elementBytes > 0) return this.#fail('wrong_dtype', `${this.#where()}A base64 object stands for a string, and the input is of type ${column.plan.dtype}`);
    window.skip(end + 1 - window.at);
    this.#state = 'tensor';
    if (!this.#tensor.startBase64(this.#targetNow(), column, window)) this.#tensorFailed();
    return true;
  }

  #tensorDone(): void {
    if (this.#form === 'inputs') {
      this.#state = 'rows_after';
    } else if (this.#named) {
      this.#state = 'named_after';
    } else {
      this.#rows++;
      this.#state = 'rows_after';
    }
  }

  /** The object of a row's inputs, or of the columns, is closed. */
  #namedDone(): boolean {
    const { plans } = this.#targetNow();
    const rowForm = this.#form === 'instances';
    const missing = plans.find((_, i) => this.#column(i).rows <= (rowForm ? this.#rows : 0));
    if (missing !== undefined) {
      return this.#fail('missing_input', rowForm
        ? `Failed to process element: ${this.#rows} of 'instances' list. JSON object: keys must be equal to: ${plans.map(({ name }) => name).toSorted().join(',')}`
        : `Missing named input: ${missing.name} in 'inputs' object.`);
    }
    this.#named = false;
    if (rowForm) this.#rows++;
    return this.#advance(rowForm ? 'rows_after' : 'body_after');
  }

  #tensorFailed(): void {
    const failure = this.#tensor.failure;
    if (failure === undefined) throw new Error('a tensor failed without a reason');
    if (failure.code === 'not_json') return void this.#notJsonText(failure.message);
    this.#fail(failure.code, `${this.#where()}${failure.message}`);
  }

  /** What the message begins with that says where in the request something is wrong. */
  #where(): string {
    if (this.#form === 'instances') {
      const key = this.#named ? ` key: ${this.#targetNow().plans[this.#input]?.name ?? ''}` : '';
      return `Failed to process element: ${this.#rows}${key} of 'instances' list. Error: INVALID_ARGUMENT: `;
    }
    return `Failed to process input: ${this.#targetNow().plans[this.#input]?.name ?? ''} of 'inputs'. Error: INVALID_ARGUMENT: `;
  }

  /** The string that begins here, stepped over; undefined where it is not whole yet, or failed. */
  #text(window: ByteWindow, c: number): string | undefined {
    const end = this.#keyEnd(window, c);
    if (end < 0) return undefined;
    const text = stringText(window.bytes, window.at + 1, end);
    if (text === undefined) this.#notJson('a name in UTF-8 with escapes that JSON knows');
    else window.skip(end + 1 - window.at);
    return text;
  }

  /** The closing quote of the key that begins here; `OPEN` for more bytes, less where it failed. */
  #keyEnd(window: ByteWindow, c: number): number {
    if (c !== 0x22) {
      this.#notJson('a name');
      return OPEN - 1;
    }
    const end = stringEnd(window);
    if (stringReach(window, end) > MAX_KEY_BYTES) {
      this.#fail('unknown_field', `A key has more than ${MAX_KEY_BYTES} bytes`);
      return OPEN - 1;
    }
    if (end < OPEN) this.#notJson('no control character in a name', -2 - end);
    return end;
  }

  #advance(next: State): boolean {
    this.#window.skip(1);
    this.#state = next;
    return true;
  }

  #notJson(wanted: string, at: number = this.#window.at): true {
    return this.#fail('not_json', `JSON Parse error: Expected ${wanted}, got ${describe(this.#window, at)} at offset: ${this.#window.position(at)}`);
  }

  /** What the tensor parser says of bytes that are no JSON, in the words of this protocol. */
  #notJsonText(message: string): true {
    return this.#fail('not_json', `JSON Parse error: ${message.replace(/ \(byte (\d+)\)\.$/, ' at offset: $1')}`);
  }

  #fail(code: ErrorCode, message: string): true {
    this.abort();
    this.#failure ??= { code, message };
    return true;
  }

  #column(i: number): ColumnBuilder {
    const column = this.#columns[i];
    if (column === undefined) throw new Error(`no column ${i}: the parser was not reset`);
    return column;
  }

  #targetNow(): ParseTarget {
    if (this.#target === undefined) throw new Error('the parser was used before it was reset');
    return this.#target;
  }
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_OUTPUTS && value.every((name) => typeof name === 'string');
}
