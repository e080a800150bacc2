import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { InputColumn } from '../../domain/query.ts';
import { rawBytes, type FittedInput, type InputPlan } from '../../protocols/oip/input-plan.ts';
import { filledColumn } from '../../protocols/oip/raw-column.ts';
import { ByteWindow } from '../predict-body/byte-window.ts';
import { ColumnBuilder } from '../predict-body/column-builder.ts';
import { type JsonGrammar, JsonWalker, type OpenPlace } from '../predict-body/json-walker.ts';
import type { ColumnPlan, ParseTarget } from '../predict-body/parse-target.ts';
import { DONE, FAILED, MORE } from '../predict-body/tensor-parser.ts';
import { noFields as noBodyFields, takeField, type BodyFields } from './body-fields.ts';
import { headOf, INPUT_KEYS, noFields, takeInputField, type InputFields, type InputKey } from './input-fields.ts';

/** Most inputs of one request. */
const MOST_INPUTS = 1024;
/** Memory for so much of an input is taken before its elements come; of a larger one, as they come. */
const EAGER_BYTES = 1024 * 1024;

/** The body, the array of `inputs`, and one element of it. */
type Place = 'document' | 'body' | 'inputs' | 'input';

/** An input whose elements come raw behind the JSON. */
export interface RawInput {
  readonly fitted: FittedInput;
  readonly bytes: number;
}

/** The beginning of a request up to its first elements, and what it said. */
interface PrefixMemo {
  readonly plan: InputPlan;
  readonly bytes: Buffer;
  readonly places: readonly OpenPlace<Place>[];
  readonly fields: BodyFields;
  readonly given: Set<string>;
  readonly input: InputFields;
  readonly inputGiven: Set<string>;
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
export class JsonInferParser implements JsonGrammar<Place> {
  readonly #walker = new JsonWalker<Place>(this, 'document');
  readonly #column = new ColumnBuilder();
  #lateWindow: ByteWindow | undefined;
  #target: ParseTarget | undefined;
  #plan: InputPlan | undefined;
  #failure: Failure | undefined;
  #bodyKey = '';
  #inputKey: InputKey | undefined;
  readonly #ownGiven = new Set<string>();
  readonly #ownInputGiven = new Set<string>();
  #given: Set<string> = this.#ownGiven;
  #fields: BodyFields = noBodyFields();
  #input: InputFields = noFields();
  #inputGiven: Set<string> = this.#ownInputGiven;
  /** An element of `inputs` is open. */
  #inInput = false;
  /** The input whose elements are being read, or have been. */
  #fitted: FittedInput | undefined;
  /** `data` that came before its shape. */
  #late: Buffer | undefined;
  #read: ReadInput[] = [];
  #memo: PrefixMemo | undefined;
  /** What was said and given is the memo's own, and must not change. */
  #borrows = false;
  /** Nothing was read yet. */
  #fresh = true;

  /** `target` gives the limits and the memory; its inputs are not looked at. */
  reset(plan: InputPlan, target: ParseTarget): void {
    this.abort();
    this.#plan = plan;
    this.#target = target;
    this.#walker.reset(target.maxDepth);
    this.#failure = undefined;
    this.#giveBack();
    this.#fields = noBodyFields();
    this.#inInput = false;
    this.#fresh = true;
  }

  /** The next bytes; they are read before it returns. */
  push(chunk: Buffer): void {
    const known = this.#fresh ? this.#skipKnown(chunk) : 0;
    this.#fresh = false;
    this.#walker.push(known === 0 ? chunk : chunk.subarray(known));
  }

  /** There is no more JSON. What was read is the caller's from now on; a failure leaves nothing. */
  end(): { readonly ok: true; readonly fields: BodyFields; readonly inputs: readonly ReadInput[] } | { readonly ok: false; readonly failure: Failure } {
    const walker = this.#walker;
    if (!walker.whole && !walker.stopped) this.refuse('not_json', 'The JSON ends before it is whole.', walker.window.end);
    if (walker.whole && !this.#given.has('inputs')) this.#stop({ code: 'missing_input', message: "the request has no 'inputs'" });
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    const inputs = this.#read;
    this.#read = [];
    return { ok: true, fields: this.#fields, inputs };
  }

  /** Gives back what is held. */
  abort(): void {
    this.#column.release();
    if (this.#read.length > 0 && this.#target !== undefined) {
      const { slabs } = this.#target;
      for (const input of this.#read) if ('column' in input) slabs.release(input.column.slab);
      this.#read = [];
    }
    this.#late = undefined;
    this.#walker.stop();
  }

  key(place: Place): void {
    const key = this.#walker.keyText();
    if (key === undefined) return;
    this.#own();
    const given = place === 'body' ? this.#given : this.#inputGiven;
    if (given.has(key)) return this.#stop({ code: 'duplicate_field', message: `'${key}' was given twice` });
    if (given.size > MOST_INPUTS) return this.#stop({ code: 'unknown_field', message: 'an object has too many keys' });
    given.add(key);
    if (place === 'body') this.#bodyKey = key;
    else this.#inputKey = INPUT_KEYS.find((known) => known === key);
  }

  value(place: Place, c: number): void {
    const walker = this.#walker;
    switch (place) {
      case 'document': return c === 0x7b ? walker.enter('body') : walker.unexpected('an object');
      case 'body':
        if (this.#bodyKey !== 'inputs') return walker.readValue(this.#targetNow().maxContextBytes);
        return c === 0x5b ? walker.enter('inputs') : walker.unexpected("an array of 'inputs'");
      case 'inputs': return c === 0x7b ? this.#openInput() : walker.unexpected('an object');
      case 'input': return this.#inputKey === 'data' ? this.#beginData() : walker.readValue(this.#targetNow().maxContextBytes);
    }
  }

  taken(value: unknown): void {
    let failure: Failure | undefined;
    if (!this.#inInput) failure = takeField(this.#bodyKey, value, this.#fields);
    else if (this.#inputKey !== undefined && this.#inputKey !== 'data') failure = takeInputField(this.#inputKey, value, this.#input);
    if (failure !== undefined) this.#stop(failure);
  }

  kept(bytes: Buffer): void {
    this.#late = bytes;
  }

  tensorRead(): void {
    const fitted = this.#fitted;
    if (fitted === undefined) throw new Error('a tensor ended that had not begun');
    const bytes = this.#column.used;
    const { slab, offset } = this.#column.finish();
    const column = filledColumn(fitted, { slab, offset }, bytes);
    if (!('code' in column)) {
      this.#read.push({ column, rows: fitted.rows });
      return;
    }
    this.#targetNow().slabs.release(slab);
    this.#stop(column);
  }

  tensorRefused(failure: Failure): void {
    this.#stop({ ...failure, message: `input '${this.#fitted?.spec.name ?? ''}': ${failure.message}`, path: `inputs[${this.#read.length}].data${failure.path ?? ''}` });
  }

  closed(place: Place): void {
    if (place === 'input') this.#closeInput();
  }

  refuse(code: ErrorCode, message: string, at: number): void {
    this.#stop({ code, message: `failed to parse the request JSON: ${message.replace(/\.$/, '')} (byte ${this.#walker.window.position(at)})` });
  }

  #openInput(): void {
    if (this.#read.length >= MOST_INPUTS) return this.#stop({ code: 'unknown_input', message: `more than ${MOST_INPUTS} inputs` });
    this.#own();
    this.#input = noFields();
    this.#inputGiven.clear();
    this.#fitted = undefined;
    this.#late = undefined;
    this.#inInput = true;
    this.#walker.enter('input');
  }

  /**
   * Clients begin their requests alike: where the first bytes are those of the last request up to its elements, what they say
   * is known, and the parser goes on behind them. Says how many bytes that were.
   */
  #skipKnown(chunk: Buffer): number {
    const memo = this.#memo;
    if (memo === undefined || memo.plan !== this.#plan || chunk.length < memo.bytes.length || memo.bytes.compare(chunk, 0, memo.bytes.length) !== 0) return 0;
    this.#fields = memo.fields;
    this.#given = memo.given;
    this.#input = memo.input;
    this.#inputGiven = memo.inputGiven;
    this.#borrows = true;
    this.#bodyKey = 'inputs';
    this.#inputKey = 'data';
    this.#inInput = true;
    this.#walker.resume(memo.places, memo.bytes.length);
    this.#start(memo.fitted);
    this.#walker.readTensor();
    return memo.bytes.length;
  }

  /** Before anything of what the memo lent is changed: a copy takes its place. */
  #own(): void {
    if (!this.#borrows) return;
    const [given, inputGiven] = [this.#given, this.#inputGiven];
    this.#giveBack();
    for (const key of given) this.#given.add(key);
    for (const key of inputGiven) this.#inputGiven.add(key);
    this.#fields = { ...this.#fields };
    this.#input = { ...this.#input };
  }

  /** The memo has what it lent back; nothing was given. */
  #giveBack(): void {
    this.#borrows = false;
    this.#given = this.#ownGiven;
    this.#inputGiven = this.#ownInputGiven;
    this.#given.clear();
    this.#inputGiven.clear();
  }

  #remember(fitted: FittedInput): void {
    const { window } = this.#walker;
    if (this.#read.length > 0 || window.position(0) !== 0 || window.at > LONGEST_PREFIX || this.#plan === undefined) return;
    this.#memo = {
      plan: this.#plan, bytes: Buffer.from(window.bytes.subarray(0, window.at)), places: this.#walker.places(), fields: { ...this.#fields }, given: new Set(this.#given),
      input: { ...this.#input }, inputGiven: new Set(this.#inputGiven), fitted,
    };
  }

  /** The value of `data`: straight into memory where it is known of what, else kept. */
  #beginData(): void {
    const { name, shape, datatype } = this.#input;
    if (name === undefined || shape === undefined || datatype === undefined) return this.#walker.keepValue(this.#targetNow().maxBinaryBytes);
    const fitted = this.#fit();
    if (fitted === undefined) return;
    this.#start(fitted);
    this.#remember(fitted);
    this.#walker.readTensor();
  }

  #start(fitted: FittedInput): void {
    const target = this.#targetNow();
    this.#column.begin(target, wholePlan(fitted), 1);
    this.#walker.tensor.start(target, this.#column);
    this.#fitted = fitted;
  }

  #fit(): FittedInput | undefined {
    const head = headOf(this.#input);
    const fitted = 'code' in head ? head : this.#plan?.fit(head);
    if (fitted === undefined) throw new Error('the parser was used before it was reset');
    if (!('code' in fitted)) return fitted;
    this.#stop(fitted);
    return undefined;
  }

  #closeInput(): void {
    this.#inInput = false;
    const { binaryBytes } = this.#input;
    const hasData = this.#inputGiven.has('data');
    if (hasData && binaryBytes !== undefined) return this.#stop({ code: 'ambiguous_input', message: "an input has both 'data' and 'binary_data_size'" });
    if (hasData && this.#late === undefined) return;
    const fitted = this.#fit();
    if (fitted === undefined) return;
    if (this.#late !== undefined) this.#readLate(fitted, this.#late);
    else if (binaryBytes === undefined) this.#stop({ code: 'missing_input', message: `input '${fitted.spec.name}' has neither 'data' nor 'binary_data_size'` });
    else this.#read.push({ raw: { fitted, bytes: binaryBytes } });
  }

  /** Reads `data` that was kept. */
  #readLate(fitted: FittedInput, bytes: Buffer): void {
    const { tensor } = this.#walker;
    const window = (this.#lateWindow ??= new ByteWindow());
    this.#late = undefined;
    this.#start(fitted);
    window.reset();
    for (let at = 0; at < bytes.length;) {
      at += window.append(bytes, at);
      const step = tensor.step(window);
      if (step === MORE) continue;
      if (step === FAILED && tensor.failure !== undefined) return this.tensorRefused(tensor.failure);
      if (step === DONE && at === bytes.length && window.at === window.end) return this.tensorRead();
      break;
    }
    this.#stop({ code: 'not_json', message: "failed to parse the request JSON: 'data' is no JSON" });
  }

  #stop(failure: Failure): void {
    this.abort();
    this.#failure = failure;
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
