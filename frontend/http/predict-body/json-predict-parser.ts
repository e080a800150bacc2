import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { FIELDS, type Field, fieldsOfBody, noFields, takeField } from './body-fields.ts';
import { pathField, pathMember } from './input-path.ts';
import { type JsonGrammar, JsonWalker, keyName } from './json-walker.ts';
import type { ParseTarget } from './parse-target.ts';
import type { ParseResult } from './predict-body.ts';
import { RequestColumns } from './request-columns.ts';

const KEYS: readonly ('input' | 'inputs' | Field)[] = ['input', 'inputs', ...FIELDS];
const KEY_NAMES = KEYS.map(keyName);
const BASE64 = [keyName('b64')];

/** The body, the array of `inputs`, and the object that gives a row's inputs by name. */
type Place = 'document' | 'body' | 'rows' | 'named';

/**
 * Parses the JSON body of a predict request as its chunks arrive: `reset`, any number of `push`, then `end` or `abort`.
 * Tensors go from the bytes straight into slabs; everything else is small, and kept until it is whole. One parser
 * serves one request at a time and is then used anew.
 *
 * It takes exactly the bodies that are JSON (RFC 8259, UTF-8) and that the target's inputs and limits allow; the result
 * does not depend on how the body was cut. Any one fault is reported with code, path and position; of several, the first.
 * Where the target has no inputs, because nobody knows them yet, rows are any JSON and only counted: there are no columns.
 */
export class JsonPredictParser implements JsonGrammar<Place> {
  readonly #walker = new JsonWalker<Place>(this, 'document');
  readonly #columns = new RequestColumns();
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
    this.#columns.reset(target);
    this.#walker.reset(target.maxDepth);
    this.#failure = undefined;
    this.#fields = noFields();
    this.#given = 0;
    this.#many = false;
    this.#rows = 0;
    this.#inRow = false;
  }

  /** The next bytes of the body; they are read before it returns. */
  push(chunk: Buffer): void {
    this.#walker.push(chunk);
  }

  /** There are no more bytes. The parser then holds nothing. */
  end(): ParseResult {
    const walker = this.#walker;
    if (!walker.whole && !walker.stopped) this.#fail('not_json', 'The body ends before its JSON does', this.#inRow ? this.#rowPath() : undefined, walker.window.end);
    if (walker.whole && (this.#given & 3) === 0) this.#noInput();
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const { columns, batchKey } = this.#columns.finish();
    return { ok: true, body: { columns, rows: this.#rows, many: this.#many, batchKey, ...fieldsOfBody(this.#fields) } };
  }

  /** The body will not be finished: gives back what is held. */
  abort(): void {
    this.#columns.release();
    this.#walker.stop();
  }

  key(place: Place): void {
    if (place === 'named') this.#inputKey();
    else this.#bodyKey();
  }

  value(place: Place, c: number): void {
    const walker = this.#walker;
    switch (place) {
      case 'document': return c === 0x7b ? walker.enter('body') : walker.unexpected('an object');
      case 'body': return this.#bodyValue(c);
      case 'rows': return this.#row(c);
      case 'named': return this.#tensor();
    }
  }

  taken(value: unknown): void {
    const field = KEYS[this.#key] as Field;
    const failure = takeField(this.#columns.target, field, value, this.#fields);
    if (failure !== undefined) this.#fail(failure.code, failure.message, field);
  }

  kept(): void {
    this.#rowDone();
  }

  tensorRead(place: Place): void {
    if (place !== 'named') this.#rowDone();
  }

  tensorRefused(failure: Failure): void {
    const path = this.#named ? `${this.#rowPath()}${pathMember(this.#columns.target.plans[this.#input]?.name ?? '')}` : this.#rowPath();
    this.#stop({ ...failure, path: `${path}${failure.path ?? ''}` });
  }

  closed(place: Place): void {
    if (place === 'named') this.#namedDone();
    else if (place === 'rows' && this.#rows === 0) this.#fail('empty_inputs', 'Expected at least one row.', 'inputs');
  }

  refuse(code: ErrorCode, message: string, at: number): void {
    this.#fail(code, message, this.#inRow ? this.#rowPath() : this.#walker.gathers ? KEYS[this.#key] : undefined, at);
  }

  #bodyKey(): void {
    const key = this.#walker.keyAmong(KEY_NAMES);
    const word = KEYS[key];
    if (word === undefined) {
      const name = this.#walker.keyText();
      if (name !== undefined) this.#fail('unknown_field', `Expected one of ${KEYS.join(', ')}.`, pathField(name));
    } else if ((this.#given & (1 << key)) !== 0) {
      this.#fail('duplicate_field', `\`${word}\` was given before.`, word);
    } else if (key < 2 && (this.#given & 3) !== 0) {
      this.#fail('ambiguous_input', 'Expected either `input` or `inputs`.', word);
    }
    this.#given |= 1 << key;
    this.#key = key;
  }

  #bodyValue(c: number): void {
    const { target } = this.#columns;
    if (this.#key > 1) return this.#walker.readValue(target.maxContextBytes);
    this.#many = this.#key === 1;
    this.#columns.begin(this.#many ? target.maxRows : 1);
    if (!this.#many) this.#row(c);
    else if (c === 0x5b) this.#walker.enter('rows');
    else this.#fail('wrong_shape', 'Expected an array with one input a row.', 'inputs');
  }

  #row(c: number): void {
    const { plans, maxRows, maxBinaryBytes } = this.#columns.target;
    if (this.#rows >= maxRows) return this.#fail('too_many_rows', `Expected at most ${maxRows} rows.`, 'inputs');
    this.#inRow = true;
    this.#input = 0;
    this.#named = c === 0x7b;
    if (plans.length === 0 && (this.#named || isValueStart(c))) return this.#walker.keepValue(maxBinaryBytes);
    if (this.#named) return this.#walker.enter('named');
    if (plans.length === 1) return this.#tensor();
    if (isValueStart(c)) this.#fail('missing_input', `Expected an object: ${this.#inputNames()}.`, this.#rowPath());
    else this.#walker.unexpected('a value');
  }

  #tensor(): void {
    this.#walker.tensor.start(this.#columns.target, this.#columns.at(this.#input));
    this.#walker.readTensor();
  }

  #inputKey(): void {
    const { target } = this.#columns;
    const input = this.#walker.keyAmong(target.plans);
    if (input >= 0) {
      this.#input = input;
      if (this.#columns.at(input).rows > this.#rows) this.#fail('duplicate_field', 'The input was given before.', `${this.#rowPath()}${pathMember(target.plans[input]?.name ?? '')}`);
    } else if (target.plans.length === 1 && this.#columns.at(0).rows === this.#rows && this.#walker.keyAmong(BASE64) === 0) {
      this.#base64Row();
    } else {
      const name = this.#walker.keyText();
      if (name !== undefined) this.#fail('unknown_input', `Expected ${this.#inputNames()}.`, `${this.#rowPath()}${pathMember(name)}`);
    }
  }

  /** A single input may also be given as base64 without its name. */
  #base64Row(): void {
    const { tensor, window } = this.#walker;
    this.#named = false;
    if (tensor.startBase64(this.#columns.target, this.#columns.at(0), window)) this.#walker.readTensorHere();
    else if (tensor.failure !== undefined) this.tensorRefused(tensor.failure);
  }

  #noInput(): void {
    const names = this.#inputNames();
    this.#stop({ code: 'missing_input', message: `Expected \`input\` or \`inputs\`${names === '' ? '' : `: ${names}`}.`, path: 'input' });
  }

  /** The object of a row's inputs ends. */
  #namedDone(): void {
    const missing = this.#columns.target.plans.find((_, i) => this.#columns.at(i).rows <= this.#rows);
    if (missing === undefined) this.#rowDone();
    else this.#fail('missing_input', `Expected ${this.#inputNames()}.`, `${this.#rowPath()}${pathMember(missing.name)}`);
  }

  #rowDone(): void {
    this.#rows++;
    this.#inRow = false;
  }

  #fail(code: ErrorCode, message: string, path: string | undefined, at: number = this.#walker.window.at): void {
    const text = `${message.replace(/\.$/, '')} (byte ${this.#walker.window.position(at)}).`;
    this.#stop(path === undefined ? { code, message: text } : { code, message: text, path });
  }

  #stop(failure: Failure): void {
    this.abort();
    this.#failure = failure;
  }

  #rowPath(): string {
    return this.#many ? `inputs[${this.#rows}]` : 'input';
  }

  #inputNames(): string {
    return this.#columns.target.plans.map((plan) => `${plan.name} (${plan.dtype}, shape [${plan.shape.join(', ')}])`).join(', ');
  }
}

/** Whether a value begins with `c` that is no object: a string, an array, a number or a word. */
function isValueStart(c: number): boolean {
  return c === 0x22 || c === 0x5b || c === 0x2d || (c >= 0x30 && c <= 0x39) || c === 0x74 || c === 0x66 || c === 0x6e;
}
