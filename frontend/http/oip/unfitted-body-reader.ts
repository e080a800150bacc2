import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { rowCount } from '../../protocols/oip/row-count.ts';
import { type JsonGrammar, JsonWalker } from '../predict-body/json-walker.ts';
import type { ParseTarget } from '../predict-body/parse-target.ts';
import { noFields as noBodyFields, takeField } from './body-fields.ts';
import type { InferBodyResult } from './infer-body.ts';
import { headOf, INPUT_KEYS, noFields, takeInputField, type InputKey } from './input-fields.ts';
import { MOST_INPUTS } from './json-infer-parser.ts';

/** The body, the array of `inputs`, and one element of it. */
type Place = 'document' | 'body' | 'inputs' | 'input';

/**
 * Reads the body of an inference request for a name whose inputs nobody knows yet: what it says beside its elements, and how many
 * rows it asks for, so that what answers it answers as many. Elements are passed over, in the JSON and behind it.
 */
export class UnfittedBodyReader implements JsonGrammar<Place> {
  readonly #walker = new JsonWalker<Place>(this, 'document');
  readonly #model: string;
  readonly #target: ParseTarget;
  /** Bytes of JSON still to come; Infinity where all is JSON. */
  #jsonLeft: number;
  #failure: Failure | undefined;
  #bodyKey = '';
  #inputKey: InputKey | undefined;
  readonly #fields = noBodyFields();
  #input = noFields();
  #inInput = false;
  readonly #shapes: (readonly number[])[] = [];

  /** `target` gives the limits. `jsonBytes`: what the header says, more than 0; undefined where there is none. */
  constructor(model: string, target: ParseTarget, jsonBytes: number | undefined) {
    this.#model = model;
    this.#target = target;
    this.#jsonLeft = jsonBytes ?? Number.POSITIVE_INFINITY;
    this.#walker.reset(target.maxDepth);
  }

  push(chunk: Buffer): void {
    const json = Math.min(chunk.length, this.#jsonLeft);
    this.#jsonLeft -= json;
    this.#walker.push(chunk.subarray(0, json));
  }

  end(): InferBodyResult {
    const walker = this.#walker;
    if (Number.isFinite(this.#jsonLeft) && this.#jsonLeft > 0) this.#stop({ code: 'malformed_request', message: `the request ends ${this.#jsonLeft} bytes before its JSON does, by Inference-Header-Content-Length` });
    if (!walker.whole && !walker.stopped) this.refuse('not_json', 'The JSON ends before it is whole.', walker.window.end);
    const input = this.#failure ?? rowCount(this.#model, this.#shapes);
    if ('code' in input) return { ok: false, failure: input };
    const { id, parameters, outputs } = this.#fields;
    return { ok: true, body: { input, id, parameters, outputs, binaryOutput: parameters['binary_data_output'] === true } };
  }

  abort(): void {
    this.#walker.stop();
  }

  key(place: Place): void {
    const key = this.#walker.keyText();
    if (key === undefined) return;
    if (place === 'body') this.#bodyKey = key;
    else this.#inputKey = INPUT_KEYS.find((known) => known === key);
  }

  value(place: Place, c: number): void {
    const walker = this.#walker;
    switch (place) {
      case 'document': return c === 0x7b ? walker.enter('body') : walker.unexpected('an object');
      case 'body':
        if (this.#bodyKey !== 'inputs') return walker.readValue(this.#target.maxContextBytes);
        return c === 0x5b ? walker.enter('inputs') : walker.unexpected("an array of 'inputs'");
      case 'inputs': return c === 0x7b ? this.#openInput() : walker.unexpected('an object');
      case 'input': return this.#inputKey === 'data' ? walker.keepValue(this.#target.maxBinaryBytes) : walker.readValue(this.#target.maxContextBytes);
    }
  }

  taken(value: unknown): void {
    let failure: Failure | undefined;
    if (!this.#inInput) failure = takeField(this.#bodyKey, value, this.#fields);
    else if (this.#inputKey !== undefined && this.#inputKey !== 'data') failure = takeInputField(this.#inputKey, value, this.#input);
    if (failure !== undefined) this.#stop(failure);
  }

  /** No value is read as a tensor. */
  tensorRead(): void {}

  tensorRefused(failure: Failure): void {
    this.#stop(failure);
  }

  closed(place: Place): void {
    if (place !== 'input') return;
    this.#inInput = false;
    const head = headOf(this.#input);
    if ('code' in head) this.#stop(head);
    else this.#shapes.push(head.shape);
  }

  refuse(code: ErrorCode, message: string, at: number): void {
    this.#stop({ code, message: `failed to parse the request JSON: ${message.replace(/\.$/, '')} (byte ${this.#walker.window.position(at)})` });
  }

  #openInput(): void {
    if (this.#shapes.length >= MOST_INPUTS) return this.#stop({ code: 'unknown_input', message: `more than ${MOST_INPUTS} inputs` });
    this.#input = noFields();
    this.#inInput = true;
    this.#walker.enter('input');
  }

  #stop(failure: Failure): void {
    this.#failure ??= failure;
    this.#walker.stop();
  }
}
