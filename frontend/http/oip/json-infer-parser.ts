import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { InputColumn } from '../../domain/query.ts';
import { releaseColumns } from '../../protocols/oip/infer-call.ts';
import { rawBytes, type FittedInput, type InputPlan } from '../../protocols/oip/input-plan.ts';
import { filledColumn } from '../../protocols/oip/raw-column.ts';
import { ByteWindow } from '../predict-body/byte-window.ts';
import { ColumnBuilder } from '../predict-body/column-builder.ts';
import { OPEN, stringEnd, stringReach, stringText } from '../predict-body/json-string.ts';
import { JsonValueScanner, jsonValue } from '../predict-body/json-value.ts';
import type { ColumnPlan, ParseTarget } from '../predict-body/parse-target.ts';
import { describe, DONE, FAILED, MORE, TensorParser } from '../predict-body/tensor-parser.ts';
import { noFields as noBodyFields, takeField, type BodyFields } from './body-fields.ts';
import { headOf, INPUT_KEYS, noFields, takeInputField, type InputFields, type InputKey } from './input-fields.ts';

const MOST_KEY_BYTES = 1024;
const MOST_INPUTS = 1024;
/** Memory for so much of an input is taken before its elements come; of a larger one, as they come. */
const EAGER_BYTES = 1024 * 1024;

/**
 * Where the parser stands; the word says what it expects next. `body_…` is the outermost object, `input_…` one element of
 * `inputs`.
 *
 *     body_open → body_first_key → body_colon → body_value | inputs_open → body_after → body_key | tail
 *     inputs_open → inputs_first → input_open → input_first_key → input_colon → input_value | tensor | late_tensor
 *       → input_after → input_key | inputs_after → input_open | body_after
 */
type State =
  | 'body_open' | 'body_first_key' | 'body_key' | 'body_colon' | 'body_value' | 'body_after' | 'tail'
  | 'inputs_open' | 'inputs_first' | 'input_open' | 'input_first_key' | 'input_key' | 'input_colon' | 'input_value' | 'input_after' | 'inputs_after'
  | 'tensor' | 'late_tensor' | 'failed';

/** An input whose elements come raw behind the JSON. */
export interface RawInput {
  readonly fitted: FittedInput;
  readonly bytes: number;
}

/** The beginning of a request up to its first elements, and what it said. */
interface PrefixMemo {
  readonly plan: InputPlan;
  readonly bytes: Buffer;
  readonly fields: BodyFields;
  readonly given: ReadonlySet<string>;
  readonly input: InputFields;
  readonly inputGiven: ReadonlySet<string>;
  readonly fitted: FittedInput;
}

const LONGEST_PREFIX = 1024;

/** Inputs in the order in which the JSON gives them: filled, or still to be. */
export type ReadInput = { readonly column: InputColumn; readonly rows: number } | { readonly raw: RawInput };

/**
 * Parses the JSON of an inference request as its chunks arrive: `reset`, any number of `push`, then `end` or `abort`. Elements
 * go from the bytes straight into slabs. Keys come in any order: where `data` stands before what it is data of, its bytes are
 * kept until that is known. It takes JSON (RFC 8259, UTF-8), and NaN and the infinities among numbers, as clients write them.
 */
export class JsonInferParser {
  readonly #window = new ByteWindow();
  readonly #tensor = new TensorParser();
  readonly #values = new JsonValueScanner();
  readonly #column = new ColumnBuilder();
  #lateWindow: ByteWindow | undefined;
  #target: ParseTarget | undefined;
  #plan: InputPlan | undefined;
  #state: State = 'body_open';
  #failure: Failure | undefined;
  #bodyKey = '';
  #inputKey: InputKey | undefined;
  #given = new Set<string>();
  #fields: BodyFields = noBodyFields();
  #input: InputFields = noFields();
  #inputGiven = new Set<string>();
  /** The input whose elements are being read, or have been. */
  #fitted: FittedInput | undefined;
  /** `data` that came before its shape. */
  #late: Buffer | undefined;
  #read: ReadInput[] = [];
  #memo: PrefixMemo | undefined;
  /** Nothing was read yet. */
  #fresh = true;

  /** `target` gives the limits and the memory; its inputs are not looked at. */
  reset(plan: InputPlan, target: ParseTarget): void {
    this.abort();
    this.#plan = plan;
    this.#target = target;
    this.#window.reset();
    this.#state = 'body_open';
    this.#failure = undefined;
    this.#given.clear();
    this.#fields = noBodyFields();
    this.#read = [];
    this.#fresh = true;
  }

  /** The next bytes; they are read before it returns. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#state !== 'failed') {
      at += this.#window.append(chunk, at);
      if (this.#fresh) this.#skipKnown(this.#window);
      this.#run();
    }
  }

  /** There is no more JSON. What was read is the caller's from now on; a failure leaves nothing. */
  end(): { readonly ok: true; readonly fields: BodyFields; readonly inputs: readonly ReadInput[] } | { readonly ok: false; readonly failure: Failure } {
    if (this.#state !== 'tail' && this.#state !== 'failed') this.#fail('not_json', 'the JSON ends before it is whole', this.#window.end);
    if (this.#state === 'tail' && !this.#given.has('inputs')) this.#refuse({ code: 'missing_input', message: "the request has no 'inputs'" });
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const inputs = this.#read;
    this.#read = [];
    return { ok: true, fields: this.#fields, inputs };
  }

  /** Gives back what is held. */
  abort(): void {
    this.#column.release();
    const { slabs } = this.#target ?? {};
    if (slabs !== undefined) releaseColumns(this.#read.flatMap((input) => ('column' in input ? [input.column] : [])), slabs);
    this.#read = [];
    this.#late = undefined;
    this.#state = 'failed';
  }

  #run(): void {
    const window = this.#window;
    while (this.#state !== 'failed') {
      if (this.#state === 'tensor') {
        const step = this.#tensor.step(window);
        if (step === MORE) return;
        if (step === FAILED) this.#tensorFailed();
        else this.#tensorDone();
        continue;
      }
      const c = window.peek();
      if (c < 0 || !this.#token(window, c)) return;
    }
  }

  /** Takes one token; false where it needs more bytes, or has failed. */
  #token(window: ByteWindow, c: number): boolean {
    switch (this.#state) {
      case 'body_open': return this.#expect(window, c, 0x7b, 'an object', 'body_first_key');
      case 'body_first_key': return c === 0x7d ? this.#advance(window, 'tail') : this.#key(window, c, 'body_colon');
      case 'body_key': return this.#key(window, c, 'body_colon');
      case 'body_colon': return this.#expect(window, c, 0x3a, "':'", this.#bodyKey === 'inputs' ? 'inputs_open' : 'body_value');
      case 'body_value': return this.#value(window);
      case 'body_after': return c === 0x2c ? this.#advance(window, 'body_key') : this.#expect(window, c, 0x7d, "',' or '}'", 'tail');
      case 'tail': return this.#expect(window, c, -1, 'nothing after the request', 'tail');
      case 'inputs_open': return this.#expect(window, c, 0x5b, "an array of 'inputs'", 'inputs_first');
      case 'inputs_first': return c === 0x5d ? this.#advance(window, 'body_after') : this.#openInput(window, c);
      case 'input_open': return this.#openInput(window, c);
      case 'input_first_key': return c === 0x7d ? this.#closeInput(window) : this.#key(window, c, 'input_colon');
      case 'input_key': return this.#key(window, c, 'input_colon');
      case 'input_colon': return c === 0x3a && this.#inputKey === 'data' ? this.#advance(window, this.#beginData()) : this.#expect(window, c, 0x3a, "':'", 'input_value');
      case 'input_value': case 'late_tensor': return this.#value(window);
      case 'input_after': return c === 0x2c ? this.#advance(window, 'input_key') : c === 0x7d ? this.#closeInput(window) : this.#unexpected(window, "',' or '}'");
      case 'inputs_after': return c === 0x2c ? this.#advance(window, 'input_open') : this.#expect(window, c, 0x5d, "',' or ']'", 'body_after');
      case 'tensor': case 'failed': return true;
    }
  }

  #key(window: ByteWindow, c: number, next: State): boolean {
    if (c !== 0x22) return this.#unexpected(window, 'a key');
    const end = stringEnd(window);
    if (stringReach(window, end) > MOST_KEY_BYTES) return this.#fail('unknown_field', `a key has more than ${MOST_KEY_BYTES} bytes`);
    if (end === OPEN) return false;
    const key = end < OPEN ? undefined : stringText(window.bytes, window.at + 1, end);
    if (key === undefined) return this.#fail('not_json', 'a key is no JSON string');
    const given = next === 'body_colon' ? this.#given : this.#inputGiven;
    if (given.has(key)) return this.#fail('duplicate_field', `'${key}' was given twice`);
    if (given.size > MOST_INPUTS) return this.#fail('unknown_field', 'an object has too many keys');
    given.add(key);
    if (next === 'body_colon') this.#bodyKey = key;
    else this.#inputKey = INPUT_KEYS.find((known) => known === key);
    this.#values.reset();
    window.skip(end + 1 - window.at);
    this.#state = next;
    return true;
  }

  /** A value that is small, or not yet to be understood. */
  #value(window: ByteWindow): boolean {
    const target = this.#targetNow();
    const late = this.#state === 'late_tensor';
    const found = this.#values.scan(window, target.maxDepth);
    const reach = (found.kind === 'cut' ? window.end : found.at) - window.at;
    if (reach > (late ? target.maxBinaryBytes : target.maxContextBytes)) return this.#fail('invalid_field', `a value has more than ${target.maxContextBytes} bytes`);
    if (found.kind === 'too_deep') return this.#fail('too_deep', `more than ${target.maxDepth} levels`, found.at);
    if (found.kind === 'cut') return false;
    if (late) {
      this.#late = Buffer.from(window.bytes.subarray(window.at, found.at));
    } else {
      const value = jsonValue(window.bytes, window.at, found.at);
      if (value === undefined) return this.#fail('not_json', 'a value is not JSON');
      const failure = this.#take(value);
      if (failure !== undefined) return this.#refuse(failure);
    }
    window.skip(found.at - window.at);
    this.#state = this.#state === 'body_value' ? 'body_after' : 'input_after';
    return true;
  }

  #take(value: unknown): Failure | undefined {
    if (this.#state === 'body_value') return takeField(this.#bodyKey, value, this.#fields);
    return this.#inputKey === undefined || this.#inputKey === 'data' ? undefined : takeInputField(this.#inputKey, value, this.#input);
  }

  #openInput(window: ByteWindow, c: number): boolean {
    if (c !== 0x7b) return this.#unexpected(window, 'an object');
    if (this.#read.length >= MOST_INPUTS) return this.#fail('unknown_input', `more than ${MOST_INPUTS} inputs`);
    this.#input = noFields();
    this.#inputGiven.clear();
    this.#fitted = undefined;
    this.#late = undefined;
    return this.#advance(window, 'input_first_key');
  }

  /**
   * Clients begin their requests alike: where the first bytes are those of the last request up to its elements, what they say
   * is known, and the parser goes on behind them.
   */
  #skipKnown(window: ByteWindow): void {
    this.#fresh = false;
    const memo = this.#memo;
    if (memo === undefined || memo.plan !== this.#plan || window.end < memo.bytes.length || memo.bytes.compare(window.bytes, 0, memo.bytes.length) !== 0) return;
    this.#fields = { ...memo.fields };
    this.#given = new Set(memo.given);
    this.#input = { ...memo.input };
    this.#inputGiven = new Set(memo.inputGiven);
    this.#bodyKey = 'inputs';
    this.#inputKey = 'data';
    window.skip(memo.bytes.length);
    this.#start(memo.fitted);
    this.#state = 'tensor';
  }

  #remember(window: ByteWindow, fitted: FittedInput): void {
    // The colon behind `data` is still to be stepped over.
    const length = window.at + 1;
    if (this.#read.length > 0 || window.position(0) !== 0 || length > LONGEST_PREFIX || this.#plan === undefined) return;
    this.#memo = {
      plan: this.#plan, bytes: Buffer.from(window.bytes.subarray(0, length)), fields: { ...this.#fields }, given: new Set(this.#given),
      input: { ...this.#input }, inputGiven: new Set(this.#inputGiven), fitted,
    };
  }

  /** Behind `"data"`: straight into memory where it is known of what, else kept. */
  #beginData(): State {
    const { name, shape, datatype } = this.#input;
    if (name === undefined || shape === undefined || datatype === undefined) return 'late_tensor';
    const fitted = this.#fit();
    if (fitted === undefined) return 'failed';
    this.#start(fitted);
    this.#remember(this.#window, fitted);
    return 'tensor';
  }

  #start(fitted: FittedInput): void {
    const target = this.#targetNow();
    this.#column.begin(target, wholePlan(fitted), 1);
    this.#tensor.start(target, this.#column);
    this.#fitted = fitted;
  }

  #fit(): FittedInput | undefined {
    const head = headOf(this.#input);
    const fitted = 'code' in head ? head : this.#plan?.fit(head);
    if (fitted === undefined) throw new Error('the parser was used before it was reset');
    if ('code' in fitted) return void this.#refuse(fitted);
    return fitted;
  }

  #tensorDone(): void {
    const fitted = this.#fitted;
    if (fitted === undefined) throw new Error('a tensor ended that had not begun');
    const bytes = this.#column.used;
    const { slab, offset } = this.#column.finish();
    const column = filledColumn(fitted, { slab, offset }, bytes);
    if ('code' in column) {
      this.#targetNow().slabs.release(slab);
      this.#refuse(column);
      return;
    }
    this.#read.push({ column, rows: fitted.rows });
    this.#state = 'input_after';
  }

  #tensorFailed(): void {
    const { failure } = this.#tensor;
    if (failure === undefined) throw new Error('a tensor failed without a reason');
    this.#refuse({ ...failure, message: `input '${this.#fitted?.spec.name ?? ''}': ${failure.message}`, path: `inputs[${this.#read.length}].data${failure.path ?? ''}` });
  }

  #closeInput(window: ByteWindow): boolean {
    const { binaryBytes } = this.#input;
    if (this.#inputGiven.has('data') && binaryBytes !== undefined) return this.#refuse({ code: 'ambiguous_input', message: "an input has both 'data' and 'binary_data_size'" });
    if (this.#late !== undefined) {
      const late = this.#late;
      this.#late = undefined;
      const fitted = this.#fit();
      if (fitted === undefined) return false;
      this.#start(fitted);
      if (!this.#readLate(late)) return false;
    } else if (!this.#inputGiven.has('data')) {
      const fitted = this.#fit();
      if (fitted === undefined) return false;
      if (binaryBytes === undefined) return this.#refuse({ code: 'missing_input', message: `input '${fitted.spec.name}' has neither 'data' nor 'binary_data_size'` });
      this.#read.push({ raw: { fitted, bytes: binaryBytes } });
    }
    return this.#advance(window, 'inputs_after');
  }

  /** Reads `data` that was kept. */
  #readLate(bytes: Buffer): boolean {
    const window = (this.#lateWindow ??= new ByteWindow());
    window.reset();
    for (let at = 0; at < bytes.length;) {
      at += window.append(bytes, at);
      const step = this.#tensor.step(window);
      if (step === MORE) continue;
      if (step === FAILED) this.#tensorFailed();
      else if (step === DONE) this.#tensorDone();
      if (step === DONE && (at < bytes.length || window.at < window.end)) return this.#fail('not_json', "expected ',' or '}' behind 'data'");
      return step === DONE && this.#failure === undefined;
    }
    return this.#fail('not_json', "'data' is no JSON");
  }

  #advance(window: ByteWindow, next: State): boolean {
    if (next === 'failed') return false;
    window.skip(1);
    this.#state = next;
    return true;
  }

  #expect(window: ByteWindow, c: number, wanted: number, words: string, next: State): boolean {
    return c === wanted ? this.#advance(window, next) : this.#unexpected(window, words);
  }

  #unexpected(window: ByteWindow, words: string): false {
    return this.#fail('not_json', `expected ${words}, got ${describe(window, window.at)}`);
  }

  #fail(code: ErrorCode, message: string, at: number = this.#window.at): false {
    return this.#refuse({ code, message: `failed to parse the request JSON: ${message} (byte ${this.#window.position(at)})` });
  }

  #refuse(failure: Failure): false {
    this.abort();
    this.#failure = failure;
    return false;
  }

  #targetNow(): ParseTarget {
    if (this.#target === undefined) throw new Error('the parser was used before it was reset');
    return this.#target;
  }
}

const NO_NAME = Buffer.alloc(0);

/** All rows of an input as if they were one: `data` is nested as the whole shape is, or flat. */
function wholePlan(fitted: FittedInput): ColumnPlan {
  const { spec, rows, shape } = fitted;
  const bytes = rawBytes(fitted);
  return {
    name: spec.name, nameBytes: NO_NAME, dtype: spec.dtype, elementBytes: DTYPE_BYTES[spec.dtype], shape: [rows, ...shape], open: 0, ragged: false,
    elements: rows * fitted.elements, rowBytes: bytes === undefined || bytes > EAGER_BYTES ? -1 : bytes,
  };
}
