import type { Failure } from '../../domain/answer.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { SlabSpan } from '../../domain/slabs.ts';
import type { AskedRows, CountedRows } from '../../protocols/ask.ts';
import type { FittedInput, InputPlan } from '../../protocols/oip/input-plan.ts';
import { filledColumn, sizeRefusal } from '../../protocols/oip/raw-column.ts';
import type { ParseTarget } from '../predict-body/parse-target.ts';
import type { BodyFields } from './body-fields.ts';
import type { InferBodyResult } from './infer-body.ts';
import { JsonInferParser, type ReadInput } from './json-infer-parser.ts';

/** A head that was read before, and all that it said: inputs that come raw. */
interface HeadMemo {
  readonly plan: InputPlan;
  readonly head: Buffer;
  readonly fields: BodyFields;
  readonly inputs: readonly ReadInput[];
}

const NO_INPUTS: readonly ReadInput[] = Object.freeze([]);
const LONGEST_MEMO = 2048;

/** An input whose bytes are coming. */
interface Filling {
  readonly fitted: FittedInput;
  readonly span: SlabSpan;
  readonly bytes: number;
  filled: number;
}

/**
 * Reads the body of an inference request as its chunks arrive: JSON, and behind it, where `Inference-Header-Content-Length` says
 * how long that is, raw tensors in the order of the inputs (Triton's binary tensor data extension), which are copied once, into
 * slabs.
 */
export class InferBodyReader {
  readonly #json = new JsonInferParser();
  /** It was made ready for this body: of a body whose head is known it is not needed. */
  #parses = false;
  #plan: InputPlan | undefined;
  #target: ParseTarget | undefined;
  /** Bytes of JSON still to come; Infinity where all is JSON; -1 once it is read. */
  #jsonLeft = Number.POSITIVE_INFINITY;
  #headBytes = Number.POSITIVE_INFINITY;
  #fields: BodyFields | undefined;
  #inputs = NO_INPUTS;
  /** The raw ones among them, in their order. */
  readonly #raw: Filling[] = [];
  #at = 0;
  /** Raw bytes beyond what the inputs take. */
  #excess = 0;
  #failure: Failure | undefined;
  #memo: HeadMemo | undefined;

  /** `jsonBytes`: what the header says, more than 0; undefined where there is none. */
  reset(plan: InputPlan, target: ParseTarget, jsonBytes: number | undefined): void {
    this.abort();
    this.#plan = plan;
    this.#target = target;
    this.#parses = false;
    this.#jsonLeft = jsonBytes ?? Number.POSITIVE_INFINITY;
    this.#headBytes = this.#jsonLeft;
    this.#fields = undefined;
    this.#failure = undefined;
    this.#at = 0;
    this.#excess = 0;
  }

  push(chunk: Buffer): void {
    if (this.#failure !== undefined) return;
    if (this.#jsonLeft < 0) return this.#fill(chunk, 0);
    if (chunk.length < this.#jsonLeft) {
      this.#jsonLeft -= chunk.length;
      return this.#parser().push(chunk);
    }
    const json = this.#jsonLeft;
    if (!this.#isKnown(chunk, json)) {
      this.#parser().push(chunk.subarray(0, json));
      this.#endJson();
      this.#remember(chunk, json);
    }
    if (this.#failure === undefined) this.#fill(chunk, json);
  }

  /** There are no more bytes. The reader then holds nothing. */
  end(): InferBodyResult {
    if (this.#failure === undefined && this.#jsonLeft > 0) {
      if (Number.isFinite(this.#jsonLeft)) this.#fail({ code: 'malformed_request', message: `the request ends ${this.#jsonLeft} bytes before its JSON does, by Inference-Header-Content-Length` });
      else this.#endJson();
    }
    const asked = this.#failure ?? this.#whole();
    if ('code' in asked) {
      this.abort();
      return { ok: false, failure: asked };
    }
    if (asked.columns === undefined) this.abort();
    else this.#letGo();
    const { id, parameters, outputs } = this.#fields ?? { id: undefined, parameters: {}, outputs: [] };
    return { ok: true, body: { input: asked, id, parameters, outputs, binaryOutput: parameters['binary_data_output'] === true } };
  }

  /** Gives back what is held. */
  abort(): void {
    if (this.#parses) this.#json.abort();
    if (this.#inputs === NO_INPUTS || this.#target === undefined) return;
    const { slabs } = this.#target;
    for (const input of this.#inputs) if ('column' in input) slabs.release(input.column.slab);
    for (const { span } of this.#raw) slabs.release(span.slab);
    this.#letGo();
  }

  #letGo(): void {
    this.#inputs = NO_INPUTS;
    this.#raw.length = 0;
  }

  #parser(): JsonInferParser {
    if (this.#plan === undefined) throw new Error('the reader was used before it was reset');
    if (!this.#parses) this.#json.reset(this.#plan, this.#targetNow());
    this.#parses = true;
    return this.#json;
  }

  /** Clients send the same head again and again: one that is the last one, byte for byte, is what it was. */
  #isKnown(chunk: Buffer, json: number): boolean {
    const memo = this.#memo;
    if (memo === undefined || memo.plan !== this.#plan || json !== this.#headBytes || memo.head.length !== json || memo.head.compare(chunk, 0, json) !== 0) return false;
    this.#jsonLeft = -1;
    this.#fields = memo.fields;
    this.#inputs = memo.inputs;
    this.#begin();
    return true;
  }

  #remember(chunk: Buffer, json: number): void {
    const fields = this.#fields;
    if (this.#failure !== undefined || fields === undefined || this.#plan === undefined || json > LONGEST_MEMO || json !== this.#headBytes) return;
    if (this.#inputs.every((input) => 'raw' in input)) this.#memo = { plan: this.#plan, head: Buffer.from(chunk.subarray(0, json)), fields, inputs: this.#inputs };
  }

  #endJson(): void {
    this.#jsonLeft = -1;
    const read = this.#parser().end();
    if (!read.ok) return this.#fail(read.failure);
    this.#fields = read.fields;
    this.#inputs = read.inputs;
    this.#begin();
  }

  /** Takes memory for the raw inputs. */
  #begin(): void {
    const { slabs, maxBinaryBytes } = this.#targetNow();
    let total = 0;
    for (const input of this.#inputs) if ('raw' in input) total += input.raw.bytes;
    if (total > maxBinaryBytes) return this.#fail({ code: 'body_too_large', message: `the inputs would take ${total} bytes; at most ${maxBinaryBytes}` });
    for (const input of this.#inputs) {
      const refusal = 'raw' in input ? sizeRefusal(input.raw.fitted, input.raw.bytes) : undefined;
      if (refusal !== undefined) return this.#fail(refusal);
    }
    for (const input of this.#inputs) {
      if ('raw' in input) this.#raw.push({ fitted: input.raw.fitted, bytes: input.raw.bytes, span: slabs.allocate(input.raw.bytes), filled: 0 });
    }
  }

  #fill(chunk: Buffer, from: number): void {
    let at = from;
    while (at < chunk.length) {
      const filling = this.#raw[this.#at];
      if (filling === undefined) {
        this.#excess += chunk.length - at;
        return;
      }
      const { span, bytes, filled } = filling;
      const take = Math.min(bytes - filled, chunk.length - at);
      span.slab.bytes.set(take === chunk.length ? chunk : chunk.subarray(at, at + take), span.offset + filled);
      filling.filled += take;
      at += take;
      if (filling.filled === bytes) this.#at++;
    }
  }

  /** The rows, now that all bytes are here. */
  #whole(): AskedRows | CountedRows | Failure {
    const plan = this.#plan;
    if (plan === undefined) throw new Error('the reader was used before it was reset');
    const short = this.#raw.find(({ filled, bytes }) => filled < bytes);
    if (short !== undefined) return { code: 'wrong_shape', message: `unexpected end of data for input '${short.fitted.spec.name}': ${short.filled} bytes of ${short.bytes}` };
    if (this.#excess > 0) return { code: 'wrong_shape', message: `unexpected additional input data: ${this.#excess} bytes behind the last input` };
    const columns: InputColumn[] = [];
    const rows: number[] = [];
    let at = 0;
    for (const input of this.#inputs) {
      const filling = 'raw' in input ? this.#raw[at++] : undefined;
      const column = 'column' in input ? input.column : filling === undefined ? undefined : filledColumn(filling.fitted, filling.span, filling.bytes);
      if (column === undefined) throw new Error('a raw input has no memory');
      if ('code' in column) return column;
      columns.push(column);
      rows.push('column' in input ? input.rows : filling?.fitted.rows ?? 0);
    }
    return plan.rowsOf(columns, rows);
  }

  #fail(failure: Failure): void {
    this.abort();
    this.#failure = failure;
  }

  #targetNow(): ParseTarget {
    if (this.#target === undefined) throw new Error('the reader was used before it was reset');
    return this.#target;
  }
}
