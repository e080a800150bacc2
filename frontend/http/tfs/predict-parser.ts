import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { AskedRows, CountedRows } from '../../protocols/ask.ts';
import { type JsonGrammar, JsonWalker, keyName } from '../predict-body/json-walker.ts';
import type { ParseTarget } from '../predict-body/parse-target.ts';
import { RequestColumns } from '../predict-body/request-columns.ts';
import { BOTH_FORMS, noWords, takeWord, type PredictWords } from './predict-words.ts';

/** The body of a `:predict` request, checked against the inputs of what it asks, or counted where nobody knows those yet. */
export type TfsPredictBody = (AskedRows | CountedRows) & Readonly<PredictWords> & {
  /** It gave `instances`: the answer has `predictions`, one a row; else it gave `inputs`, and the answer has `outputs`. */
  readonly rowForm: boolean;
};

export type TfsParseResult =
  | { readonly ok: true; readonly body: TfsPredictBody }
  /** The message is one that TensorFlow Serving gives, or in its style. */
  | { readonly ok: false; readonly failure: Failure };

const BASE64 = [keyName('b64')];

/**
 * The body; the rows, which are elements of `instances` or of a column's outermost list; and the inputs by name, of a row (row
 * form) or of the request (column form).
 */
type Place = 'document' | 'body' | 'rows' | 'named';

/**
 * Parses the JSON body of TensorFlow Serving's `:predict` as its chunks arrive: `reset`, any number of `push`, then `end`
 * or `abort`. Numbers go from the bytes straight into slabs, by the machinery of the native body; a row is a row of
 * the batch, in either form. What follows the document is not read, and keys that the protocol does not know are
 * passed over, as there. One parser serves one request at a time and is then used anew.
 * Where the target has no inputs, because nobody knows them yet, rows are any JSON and only counted: there are no columns.
 */
export class TfsPredictParser implements JsonGrammar<Place> {
  readonly #walker = new JsonWalker<Place>(this, 'document', { ignoresRest: true });
  readonly #columns = new RequestColumns();
  #failure: Failure | undefined;
  #key = '';
  #form: 'instances' | 'inputs' | undefined;
  #words = noWords();
  /** Row form: rows that are whole; where inputs are not known, those of the list that was begun last. */
  #rows = 0;
  /** Where inputs are not known: the rows of each list by the name of its column, which in row form is none. */
  readonly #counted = new Map<string, number>();
  /** Row form: rows are objects of named inputs; undefined before the first. */
  #objects: boolean | undefined;
  #input = 0;
  /** The column that is being read, where inputs are not known. */
  #name = '';
  /** An object of inputs by name is open. */
  #named = false;
  #empty = true;

  /** Makes ready for another body; what an unfinished one held is given back. */
  reset(target: ParseTarget): void {
    this.#columns.reset(target);
    this.#walker.reset(target.maxDepth);
    this.#failure = undefined;
    this.#form = undefined;
    this.#words = noWords();
    this.#rows = 0;
    this.#objects = undefined;
    this.#counted.clear();
    this.#name = '';
    this.#named = false;
    this.#empty = true;
  }

  /** The next bytes of the body; they are read before it returns. */
  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#empty = false;
    this.#walker.push(chunk);
  }

  /** There are no more bytes. The parser then holds nothing. */
  end(): TfsParseResult {
    const walker = this.#walker;
    if (this.#empty) this.#fail('not_json', 'JSON Parse error: The document is empty');
    else if (!walker.whole && !walker.stopped) walker.unexpected('the rest of the document', walker.window.end);
    else if (walker.whole && this.#form === undefined) this.#fail('missing_input', "Missing 'inputs' or 'instances' key");
    const rows = walker.whole ? this.#rowCount() : 0;
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const asked = this.#knows ? { ...this.#columns.finish(), rows } : { rows };
    return { ok: true, body: { ...asked, rowForm: this.#form === 'instances', ...this.#words } };
  }

  /** The body will not be finished: gives back what is held. */
  abort(): void {
    this.#columns.release();
    this.#walker.stop();
  }

  key(place: Place): void {
    if (place === 'named') return this.#inputKey();
    const key = this.#walker.keyText();
    if (key === undefined) return;
    this.#key = key;
    if (key !== 'instances' && key !== 'inputs') return;
    if (this.#form !== undefined) return this.#fail(BOTH_FORMS.code, BOTH_FORMS.message);
    this.#form = key;
  }

  value(place: Place, c: number): void {
    const walker = this.#walker;
    switch (place) {
      case 'document':
        if (c !== 0x7b) return this.#fail('not_json', `JSON Value: ${walker.window.shown(walker.window.at)} Is not object`);
        return walker.enter('body');
      case 'body': return this.#bodyValue(c);
      case 'rows': return this.#row(c);
      case 'named': return this.#form === 'inputs' ? this.#list(c) : this.#tensor();
    }
  }

  /** `signature_name`, `output_filter`, or a key that means nothing here. */
  taken(value: unknown): void {
    const failure = takeWord(this.#key, value, this.#words);
    if (failure !== undefined) this.#fail(failure.code, failure.message);
  }

  kept(): void {
    this.#rows++;
  }

  tensorRead(): void {
    if (this.#form === 'instances' && !this.#named) this.#rows++;
  }

  tensorRefused({ code, message }: Failure): void {
    // What the tensor parser says of bytes that are no JSON, in the words of this protocol.
    if (code === 'not_json') this.#fail(code, `JSON Parse error: ${message.replace(/ \(byte (\d+)\)\.$/, ' at offset: $1')}`);
    else this.#fail(code, `${this.#where()}${message}`);
  }

  closed(place: Place): void {
    if (place === 'named') return this.#namedDone();
    if (place !== 'rows') return;
    if (this.#rowsNow() === 0) {
      this.#fail('empty_inputs', this.#form === 'instances' ? "No values in 'instances' array" : `${this.#where()}No values in the first dimension, which is the batch`);
    } else if (!this.#knows) {
      this.#counted.set(this.#name, this.#rows);
    }
  }

  refuse(code: ErrorCode, message: string, at: number): void {
    const text = message.replace(/\.$/, '');
    if (code === 'not_json') this.#fail(code, `JSON Parse error: ${text} at offset: ${this.#walker.window.position(at)}`);
    else this.#fail(code, this.#walker.gathers ? text.replace('The value', `The value of key '${this.#key}'`) : text);
  }

  #bodyValue(c: number): void {
    const { target } = this.#columns;
    if (this.#key !== 'instances' && this.#key !== 'inputs') return this.#walker.readValue(target.maxContextBytes);
    this.#columns.begin(target.maxRows);
    this.#input = 0;
    if (this.#key === 'instances' || c !== 0x7b) {
      if (this.#key === 'inputs' && target.plans.length > 1) {
        return this.#fail('missing_input', 'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map');
      }
      return this.#list(c);
    }
    this.#named = true;
    this.#walker.enter('named');
  }

  /** `instances`, or a column. */
  #list(c: number): void {
    if (c === 0x5b) {
      if (!this.#knows) this.#rows = 0;
      return this.#walker.enter('rows');
    }
    const { window } = this.#walker;
    if (this.#form === 'instances') return this.#fail('wrong_shape', "Excepting 'instances' to be an list/array");
    this.#fail('wrong_shape', `${this.#where()}Expected a list, whose first dimension is the batch, got ${window.shown(window.at)}`);
  }

  /** One element of `instances`, or of a column. */
  #row(c: number): void {
    const { plans, maxRows, maxBinaryBytes } = this.#columns.target;
    const rows = this.#rowsNow();
    if (rows >= maxRows) return this.#fail('too_many_rows', `A request has at most ${maxRows} rows`);
    if (!this.#knows) return this.#walker.keepValue(maxBinaryBytes);
    if (this.#form === 'inputs') return this.#tensor();
    if (c === 0x7b) {
      this.#named = true;
      return this.#walker.enter('named');
    }
    if (plans.length > 1 && rows === 0) {
      return this.#fail('missing_input', 'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map');
    }
    this.#input = 0;
    if (this.#isA('list')) this.#tensor();
  }

  #tensor(): void {
    this.#walker.tensor.start(this.#columns.target, this.#columns.at(this.#input));
    this.#walker.readTensor();
  }

  /** The first row says whether all of them are objects. */
  #isA(kind: 'object' | 'list'): boolean {
    const object = kind === 'object';
    this.#objects ??= object;
    if (this.#objects === object) return true;
    this.#fail('wrong_shape', object ? `Expecting value/list but got object at item ${this.#rows} of input list` : `Expecting object but got list at item ${this.#rows} of input list`);
    return false;
  }

  #inputKey(): void {
    if (!this.#knows) return this.#unknownKey();
    const { plans } = this.#columns.target;
    const rowForm = this.#form === 'instances';
    const whole = rowForm ? this.#rows : 0;
    const first = plans.every((_, i) => this.#columns.at(i).rows <= whole);
    const input = this.#walker.keyAmong(plans);
    if (input < 0 && first && plans.length === 1 && this.#walker.keyAmong(BASE64) === 0) return this.#base64Row();
    if (input < 0) {
      const name = this.#walker.keyText();
      if (name !== undefined) this.#fail('unknown_input', `${this.#where()}JSON object: does not have named input: ${name.slice(0, 64)}`);
      return;
    }
    if (rowForm && first && !this.#isA('object')) return;
    this.#input = input;
    if (this.#columns.at(input).rows > whole) this.#fail('duplicate_field', `${this.#where()}The input is given twice`);
  }

  /** Of a column, where nobody knows which there are. */
  #unknownKey(): void {
    const name = this.#walker.keyText();
    if (name === undefined) return;
    this.#name = name;
    if (this.#counted.has(name)) this.#fail('duplicate_field', `${this.#where()}The input is given twice`);
  }

  /** A row that is `{"b64": …}`: one string, of the only input. */
  #base64Row(): void {
    const { tensor, window } = this.#walker;
    const column = this.#columns.at(0);
    this.#named = false;
    this.#input = 0;
    if (this.#form === 'inputs') return this.#list(0x7b);
    if (!this.#isA('list')) return;
    if (column.plan.elementBytes > 0) return this.#fail('wrong_dtype', `${this.#where()}A base64 object stands for a string, and the input is of type ${column.plan.dtype}`);
    if (tensor.startBase64(this.#columns.target, column, window)) this.#walker.readTensorHere();
    else if (tensor.failure !== undefined) this.tensorRefused(tensor.failure);
  }

  /** The object of a row's inputs, or of the columns, ends. */
  #namedDone(): void {
    const { plans } = this.#columns.target;
    if (!this.#knows && this.#counted.size === 0) return this.#fail('missing_input', "Missing named input in 'inputs' object.");
    const rowForm = this.#form === 'instances';
    const missing = plans.find((_, i) => this.#columns.at(i).rows <= (rowForm ? this.#rows : 0));
    if (missing !== undefined) {
      return this.#fail('missing_input', rowForm
        ? `Failed to process element: ${this.#rows} of 'instances' list. JSON object: keys must be equal to: ${plans.map(({ name }) => name).toSorted().join(',')}`
        : `Missing named input: ${missing.name} in 'inputs' object.`);
    }
    this.#named = false;
    if (rowForm) this.#rows++;
  }

  /** How many rows there are; in column form, all columns must have as many. */
  #rowCount(): number {
    if (!this.#knows) return this.#countedRows();
    const { plans } = this.#columns.target;
    const { rows } = this.#columns.at(0);
    const other = plans.findIndex((_, i) => this.#columns.at(i).rows !== rows);
    if (other >= 0) this.#inconsistent(plans[other]?.name ?? '', this.#columns.at(other).rows, rows);
    return rows;
  }

  #countedRows(): number {
    const [rows = 0] = this.#counted.values();
    for (const [name, count] of this.#counted) if (count !== rows) this.#inconsistent(name, count, rows);
    return rows;
  }

  #inconsistent(name: string, rows: number, expected: number): void {
    this.#fail('wrong_shape', `Input tensor: ${name} has inconsistent batch size: ${rows} expecting: ${expected}`);
  }

  /** The inputs are known. */
  get #knows(): boolean {
    return this.#columns.target.plans.length > 0;
  }

  /** Rows of the list that is open. */
  #rowsNow(): number {
    return this.#form === 'instances' || !this.#knows ? this.#rows : this.#columns.at(this.#input).rows;
  }

  /** What the message begins with that says where in the request something is wrong. */
  #where(): string {
    const name = this.#columns.target.plans[this.#input]?.name ?? this.#name;
    if (this.#form === 'instances') return `Failed to process element: ${this.#rows}${this.#named ? ` key: ${name}` : ''} of 'instances' list. Error: INVALID_ARGUMENT: `;
    return `Failed to process input: ${name} of 'inputs'. Error: INVALID_ARGUMENT: `;
  }

  #fail(code: ErrorCode, message: string): void {
    this.abort();
    this.#failure ??= { code, message };
  }
}
