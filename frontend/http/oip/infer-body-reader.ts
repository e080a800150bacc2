import type { Failure } from '../../domain/answer.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { SlabSpan } from '../../domain/slabs.ts';
import type { AskedRows } from '../../protocols/ask.ts';
import { releaseColumns } from '../../protocols/oip/infer-call.ts';
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
  #plan: InputPlan | undefined;
  #target: ParseTarget | undefined;
  /** Bytes of JSON still to come; Infinity where all is JSON; -1 once it is read. */
  #jsonLeft = Number.POSITIVE_INFINITY;
  #headBytes = Number.POSITIVE_INFINITY;
  #fields: BodyFields | undefined;
  #inputs: readonly ReadInput[] = [];
  #raw: Filling[] = [];
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
    this.#json.reset(plan, target);
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
      return this.#json.push(chunk);
    }
    const json = this.#jsonLeft;
    if (!this.#isKnown(chunk, json)) {
      this.#json.push(chunk.subarray(0, json));
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
    const { id, parameters, outputs } = this.#fields ?? { id: undefined, parameters: {}, outputs: [] };
    return { ok: true, body: { input: asked, id, parameters, outputs, binaryOutput: parameters['binary_data_output'] === true } };
  }

  /** Gives back what is held. */
  abort(): void {
    this.#json.abort();
    const slabs = this.#target?.slabs;
    if (slabs === undefined) return;
    releaseColumns(filledOf(this.#inputs), slabs);
    for (const { span } of this.#raw) slabs.release(span.slab);
    this.#inputs = [];
    this.#raw = [];
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
    const read = this.#json.end();
    if (!read.ok) return this.#fail(read.failure);
    this.#fields = read.fields;
    this.#inputs = read.inputs;
    this.#begin();
  }

  /** Takes memory for the raw inputs. */
  #begin(): void {
    const { slabs, maxBinaryBytes } = this.#targetNow();
    const raw = this.#inputs.flatMap((input) => ('raw' in input ? [input.raw] : []));
    const total = raw.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > maxBinaryBytes) return this.#fail({ code: 'body_too_large', message: `the inputs would take ${total} bytes; at most ${maxBinaryBytes}` });
    const refusal = raw.map(({ fitted, bytes }) => sizeRefusal(fitted, bytes)).find((failure) => failure !== undefined);
    if (refusal !== undefined) return this.#fail(refusal);
    this.#raw = raw.map(({ fitted, bytes }) => ({ fitted, bytes, span: slabs.allocate(bytes), filled: 0 }));
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
      span.slab.bytes.set(chunk.subarray(at, at + take), span.offset + filled);
      filling.filled += take;
      at += take;
      if (filling.filled === bytes) this.#at++;
    }
  }

  /** The rows, now that all bytes are here; the columns are the caller's then. */
  #whole(): AskedRows | Failure {
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
    const asked = plan.rowsOf(columns, rows);
    if (!('code' in asked)) {
      this.#inputs = [];
      this.#raw = [];
    }
    return asked;
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

function filledOf(inputs: readonly ReadInput[]): readonly InputColumn[] {
  return inputs.flatMap((input) => ('column' in input ? [input.column] : []));
}
