import type { Failure } from '../../domain/answer.ts';
import { batchKeyOf } from '../../domain/batch-key.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { FIELDS, type Field, fieldsOfBody, noFields, takeField } from './body-fields.ts';
import { ByteWindow } from './byte-window.ts';
import { ColumnBuilder } from './column-builder.ts';
import { pathField, pathMember } from './input-path.ts';
import { OPEN, sameBytes, stringEnd, stringReach, stringText } from './json-string.ts';
import { JsonValueScanner, jsonValue } from './json-value.ts';
import type { ParseTarget } from './parse-target.ts';
import type { ParseResult } from './predict-body.ts';
import { describe, DONE, FAILED, MORE, TensorParser } from './tensor-parser.ts';

const MAX_KEY_BYTES = 1024;
const KEYS: readonly ('input' | 'inputs' | Field)[] = ['input', 'inputs', ...FIELDS];
const KEY_BYTES: readonly Buffer[] = KEYS.map((key) => Buffer.from(key));
const B64 = Buffer.from('b64');

/**
 * Where the parser stands; the word says what it expects next. `body_…` is the outermost object, `rows_…` the array of
 * `inputs`, `row` one element of it or the value of `input`, `named_…` the object that gives a row's inputs by name.
 *
 *     body_open → body_first_key → body_colon → field | row | rows_open → body_after → body_key | tail
 *     rows_open → rows_first → row → rows_after → row | body_after
 *     row → tensor, or named_first_key → named_colon → named_tensor → named_after → named_key | (row is whole)
 */
type State =
  | 'body_open' | 'body_first_key' | 'body_key' | 'body_colon' | 'field' | 'body_after' | 'tail'
  | 'rows_open' | 'rows_first' | 'row' | 'rows_after' | 'tensor'
  | 'named_first_key' | 'named_key' | 'named_colon' | 'named_tensor' | 'named_after' | 'failed';

/**
 * Parses the JSON body of a predict request as its chunks arrive: `reset`, any number of `push`, then `end` or `abort`.
 * Tensors go from the bytes straight into slabs; everything else is small, and kept until it is whole. One parser
 * serves one request at a time and is then used anew.
 *
 * It takes exactly the bodies that are JSON (RFC 8259, UTF-8) and that the target's inputs and limits allow; the result
 * does not depend on how the body was cut. Any one fault is reported with code, path and position; of several, the first.
 */
export class JsonPredictParser {
  readonly #window = new ByteWindow();
  readonly #tensor = new TensorParser();
  readonly #values = new JsonValueScanner();
  readonly #columns: ColumnBuilder[] = [];
  #target: ParseTarget | undefined;
  #state: State = 'body_open';
  #failure: Failure | undefined;
  #fields = noFields();
  /** Bit i: the field `KEYS[i]` was given. */
  #given = 0;
  #key = 0;
  #many = false;
  #rows = 0;
  /** The input that is being read. */
  #input = 0;
  #inRow = false;
  /** The row gives its inputs by name. */
  #named = false;

  /** Makes ready for another body; what an unfinished one held is given back. */
  reset(target: ParseTarget): void {
    this.abort();
    this.#target = target;
    this.#window.reset();
    this.#state = 'body_open';
    this.#failure = undefined;
    this.#fields = noFields();
    this.#given = 0;
    this.#many = false;
    this.#rows = 0;
    this.#inRow = false;
    while (this.#columns.length < target.plans.length) this.#columns.push(new ColumnBuilder());
  }

  /** The next bytes of the body; they are read before it returns. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#state !== 'failed') {
      at += this.#window.append(chunk, at);
      this.#run();
    }
  }

  /** There are no more bytes. The parser then holds nothing. */
  end(): ParseResult {
    const target = this.#targetNow();
    if (this.#state !== 'tail' && this.#state !== 'failed') {
      this.#fail('not_json', 'The body ends before its JSON does.', this.#inRow ? this.#rowPath() : undefined, this.#window.end);
    }
    if (this.#state === 'tail' && (this.#given & 3) === 0) {
      this.#failWhole('missing_input', `Expected \`input\` or \`inputs\`: ${this.#inputNames()}.`);
    }
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const columns = target.plans.map((_, i) => this.#column(i).finish());
    const batchKey = target.batchKey ?? batchKeyOf(target.plans, columns.map((column) => column.shape));
    return { ok: true, body: { columns, rows: this.#rows, many: this.#many, batchKey, ...fieldsOfBody(this.#fields) } };
  }

  /** The body will not be finished: gives back what is held. */
  abort(): void {
    for (const column of this.#columns) column.release();
    this.#state = 'failed';
  }

  #run(): void {
    const window = this.#window;
    while (this.#state !== 'failed') {
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
      case 'body_open': return this.#expect(window, c, 0x7b, 'an object', 'body_first_key');
      case 'body_first_key':
        if (c === 0x7d) return this.#advance(window, 'tail');
        return this.#bodyKey(window, c);
      case 'body_key': return this.#bodyKey(window, c);
      case 'body_colon': return this.#expect(window, c, 0x3a, "':'", this.#beginValue());
      case 'field': return this.#field(window);
      case 'body_after':
        if (c === 0x2c) return this.#advance(window, 'body_key');
        return this.#expect(window, c, 0x7d, "',' or '}'", 'tail');
      case 'tail': return this.#expect(window, c, -1, 'nothing after the body', 'tail');
      case 'rows_open':
        if (c !== 0x5b) return this.#fail('wrong_shape', 'Expected an array with one input a row.', 'inputs');
        return this.#advance(window, 'rows_first');
      case 'rows_first':
        if (c === 0x5d) return this.#fail('empty_inputs', 'Expected at least one row.', 'inputs');
        return this.#row(window, c);
      case 'row': return this.#row(window, c);
      case 'rows_after':
        if (c === 0x2c) return this.#advance(window, 'row');
        return this.#expect(window, c, 0x5d, "',' or ']'", 'body_after');
      case 'named_first_key':
        if (c === 0x7d) return this.#rowDone(window);
        return this.#namedKey(window, c, true);
      case 'named_key': return this.#namedKey(window, c, false);
      case 'named_colon': return this.#expect(window, c, 0x3a, "':'", 'named_tensor');
      case 'named_tensor':
        this.#tensor.start(this.#targetNow(), this.#column(this.#input));
        this.#state = 'tensor';
        return true;
      case 'named_after':
        if (c === 0x2c) return this.#advance(window, 'named_key');
        if (c === 0x7d) return this.#rowDone(window);
        return this.#fail('not_json', `Expected ',' or '}', got ${describe(window, window.at)}.`, this.#rowPath());
      case 'tensor': case 'failed': return true;
    }
  }

  #bodyKey(window: ByteWindow, c: number): boolean {
    const end = this.#keyEnd(window, c);
    if (end < 0) return end !== OPEN;
    const from = window.at + 1;
    let key = KEY_BYTES.findIndex((word) => sameBytes(window.bytes, from, end, word));
    if (key < 0) {
      const name = stringText(window.bytes, from, end);
      if (name === undefined) return this.#badString(window);
      key = (KEYS as readonly string[]).indexOf(name);
      if (key < 0) return this.#fail('unknown_field', `Expected one of ${KEYS.join(', ')}.`, pathField(name));
    }
    const word = KEYS[key] ?? '';
    if ((this.#given & (1 << key)) !== 0) return this.#fail('duplicate_field', `\`${word}\` was given before.`, word);
    if (key < 2 && (this.#given & 3) !== 0) return this.#fail('ambiguous_input', 'Expected either `input` or `inputs`.', word);
    this.#given |= 1 << key;
    this.#key = key;
    window.skip(end + 1 - window.at);
    this.#state = 'body_colon';
    return true;
  }

  /** What stands behind the colon; tensors need their columns. */
  #beginValue(): State {
    this.#values.reset();
    if (this.#key > 1) return 'field';
    const target = this.#targetNow();
    this.#many = this.#key === 1;
    for (let i = 0; i < target.plans.length; i++) {
      const plan = target.plans[i];
      if (plan !== undefined) this.#column(i).begin(target, plan, this.#many ? target.maxRows : 1);
    }
    return this.#many ? 'rows_open' : 'row';
  }

  #field(window: ByteWindow): boolean {
    const target = this.#targetNow();
    const field = KEYS[this.#key] as Field;
    const found = this.#values.scan(window, target.maxDepth);
    const reach = found.kind === 'cut' ? window.end : found.at;
    if (reach - window.at > target.maxContextBytes) return this.#fail('invalid_field', `Expected at most ${target.maxContextBytes} bytes.`, field);
    if (found.kind === 'too_deep') return this.#fail('too_deep', `Expected at most ${target.maxDepth} levels.`, field, found.at);
    if (found.kind === 'cut') return false;
    const value = jsonValue(window.bytes, window.at, found.at);
    if (value === undefined) return this.#fail('not_json', `The value of \`${field}\` is not JSON.`, field);
    const failure = takeField(target, field, value, this.#fields);
    if (failure !== undefined) return this.#fail(failure.code, failure.message, field);
    window.skip(found.at - window.at);
    this.#state = 'body_after';
    return true;
  }

  #row(window: ByteWindow, c: number): boolean {
    const target = this.#targetNow();
    if (this.#rows >= target.maxRows) return this.#fail('too_many_rows', `Expected at most ${target.maxRows} rows.`, 'inputs');
    this.#inRow = true;
    if (c === 0x7b) return this.#advance(window, 'named_first_key');
    if (target.plans.length !== 1) {
      const code: ErrorCode = c === 0x22 || c === 0x5b || c === 0x2d || (c >= 0x30 && c <= 0x39) || c === 0x74 || c === 0x66 || c === 0x6e ? 'missing_input' : 'not_json';
      return this.#fail(code, code === 'not_json' ? `Expected a value, got ${describe(window, window.at)}.` : `Expected an object: ${this.#inputNames()}.`, this.#rowPath());
    }
    this.#input = 0;
    this.#named = false;
    this.#tensor.start(target, this.#column(0));
    this.#state = 'tensor';
    return true;
  }

  #namedKey(window: ByteWindow, c: number, first: boolean): boolean {
    const end = this.#keyEnd(window, c);
    if (end < 0) return end !== OPEN;
    const { plans } = this.#targetNow();
    const from = window.at + 1;
    let input = plans.findIndex((plan) => sameBytes(window.bytes, from, end, plan.nameBytes));
    if (input < 0) {
      const name = stringText(window.bytes, from, end);
      if (name === undefined) return this.#badString(window);
      input = plans.findIndex((plan) => plan.name === name);
      // A single input may also be given as base64 without its name.
      if (input < 0 && first && plans.length === 1 && (sameBytes(window.bytes, from, end, B64) || name === 'b64')) return this.#base64Row(window, end);
      if (input < 0) return this.#fail('unknown_input', `Expected ${this.#inputNames()}.`, `${this.#rowPath()}${pathMember(name)}`);
    }
    this.#input = input;
    if (this.#column(input).rows > this.#rows) {
      return this.#fail('duplicate_field', 'The input was given before.', this.#tensorPath());
    }
    window.skip(end + 1 - window.at);
    this.#state = 'named_colon';
    return true;
  }

  #base64Row(window: ByteWindow, end: number): boolean {
    window.skip(end + 1 - window.at);
    this.#input = 0;
    this.#named = false;
    this.#state = 'tensor';
    if (!this.#tensor.startBase64(this.#targetNow(), this.#column(0), window)) this.#tensorFailed();
    return true;
  }

  #tensorDone(): void {
    if (this.#named) this.#state = 'named_after';
    else this.#nextRow();
  }

  #rowDone(window: ByteWindow): boolean {
    const { plans } = this.#targetNow();
    const missing = plans.findIndex((_, i) => this.#column(i).rows <= this.#rows);
    if (missing >= 0) {
      const name = plans[missing]?.name ?? '';
      return this.#fail('missing_input', `Expected ${this.#inputNames()}.`, `${this.#rowPath()}${pathMember(name)}`);
    }
    window.skip(1);
    this.#nextRow();
    return true;
  }

  #nextRow(): void {
    this.#rows++;
    this.#inRow = false;
    this.#state = this.#many ? 'rows_after' : 'body_after';
  }

  #tensorFailed(): void {
    const failure = this.#tensor.failure;
    if (failure === undefined) throw new Error('a tensor failed without a reason');
    this.#refuse({ ...failure, path: `${this.#tensorPath()}${failure.path ?? ''}` });
  }

  /** The closing quote of the key that begins here; `OPEN` for more bytes, less where it failed. */
  #keyEnd(window: ByteWindow, c: number): number {
    if (c !== 0x22) {
      this.#fail('not_json', `Expected a field name, got ${describe(window, window.at)}.`, this.#inRow ? this.#rowPath() : undefined);
      return OPEN - 1;
    }
    const end = stringEnd(window);
    if (stringReach(window, end) > MAX_KEY_BYTES) {
      this.#fail('unknown_field', `A field name has more than ${MAX_KEY_BYTES} bytes.`, this.#inRow ? this.#rowPath() : undefined);
      return OPEN - 1;
    }
    if (end < OPEN) this.#fail('not_json', 'A field name holds a control character.', this.#inRow ? this.#rowPath() : undefined, -2 - end);
    return end;
  }

  #badString(window: ByteWindow): boolean {
    return this.#fail('not_json', 'A field name is not UTF-8, or has an escape that JSON does not know.', this.#inRow ? this.#rowPath() : undefined, window.at);
  }

  #advance(window: ByteWindow, next: State): boolean {
    window.skip(1);
    if (next === 'named_first_key') this.#named = true;
    this.#state = next;
    return true;
  }

  #expect(window: ByteWindow, c: number, wanted: number, words: string, next: State): boolean {
    if (c === wanted) return this.#advance(window, next);
    return this.#fail('not_json', `Expected ${words}, got ${describe(window, window.at)}.`, this.#inRow ? this.#rowPath() : undefined);
  }

  #fail(code: ErrorCode, message: string, path?: string, at: number = this.#window.at): true {
    const text = `${message.replace(/\.$/, '')} (byte ${this.#window.position(at)}).`;
    return this.#refuse(path === undefined ? { code, message: text } : { code, message: text, path });
  }

  /** A fault that has no place in the body. */
  #failWhole(code: ErrorCode, message: string): true {
    return this.#refuse({ code, message, path: 'input' });
  }

  #refuse(failure: Failure): true {
    this.abort();
    this.#failure = failure;
    return true;
  }

  #rowPath(): string {
    return this.#many ? `inputs[${this.#rows}]` : 'input';
  }

  #tensorPath(): string {
    return this.#named ? `${this.#rowPath()}${pathMember(this.#targetNow().plans[this.#input]?.name ?? '')}` : this.#rowPath();
  }

  #inputNames(): string {
    const { plans } = this.#targetNow();
    return plans.map((plan) => `${plan.name} (${plan.dtype}, shape [${plan.shape.join(', ')}])`).join(', ');
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
