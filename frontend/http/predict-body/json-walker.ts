import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { ByteWindow } from './byte-window.ts';
import { OPEN, sameBytes, stringEnd, stringReach, stringText } from './json-string.ts';
import { JsonValueScanner, jsonValue } from './json-value.ts';
import { DONE, FAILED, MORE, TensorParser } from './tensor-parser.ts';

const MAX_KEY_BYTES = 1024;

/** A name that a key may be. */
export interface KeyName {
  readonly name: string;
  readonly nameBytes: Buffer;
}

export function keyName(name: string): KeyName {
  return { name, nameBytes: Buffer.from(name) };
}

/** An object or array that is open: where in its grammar it stands, and which of the two it is. */
export interface OpenPlace<Place> {
  readonly place: Place;
  readonly isObject: boolean;
}

/**
 * What a document means. The walker tells its grammar what comes, and the grammar tells the walker what to do with it, by one of
 * `enter`, `readTensor`, `readValue`, `keepValue` and `stop`. A place is whatever the grammar calls the inside of an object or
 * array; `key`, `value` and `closed` are told at which they happen, with the window still in front of what they tell of.
 */
export interface JsonGrammar<Place> {
  /** A key, which `keyAmong` and `keyText` read. */
  key(place: Place): void;
  /** A value begins with byte `c`: the grammar says how it is read, or refuses it. */
  value(place: Place, c: number): void;
  /** The value that was to be read, whole. */
  taken(value: unknown): void;
  /** The bytes of the value that was to be kept; they are the grammar's. Only where it has values kept. */
  kept?(bytes: Buffer): void;
  /** A row of a tensor is in its column. */
  tensorRead(place: Place): void;
  /** What stands there is not the tensor's row. */
  tensorRefused(failure: Failure): void;
  /** The object or array ends. */
  closed(place: Place): void;
  /** The bytes are no JSON, or more than they may be; `at` is a place in the window. To be answered by `stop`. */
  refuse(code: ErrorCode, message: string, at: number): void;
}

/** Where the walker stands; the word says what it expects next. In `text` a value is gathered until all of it is there. */
type State = 'first_key' | 'key' | 'colon' | 'first_value' | 'value' | 'text' | 'tensor' | 'after' | 'whole' | 'stopped';

/**
 * Walks through a JSON document as its chunks arrive (RFC 8259, UTF-8), token by token, and stops wherever they end: what all
 * grammars of request bodies have in common. Tensors go from the bytes straight into their columns; other values are small, and
 * kept until they are whole. Nothing is held of what has been told.
 */
export class JsonWalker<Place> {
  readonly window = new ByteWindow();
  readonly tensor = new TensorParser();
  readonly #values = new JsonValueScanner();
  readonly #grammar: JsonGrammar<Place>;
  readonly #document: Place;
  readonly #ignoresRest: boolean;
  /** Objects and arrays that are open, outermost first: those up to `#depth`. */
  readonly #places: Place[] = [];
  readonly #areObjects: boolean[] = [];
  #depth = 0;
  /** The innermost. */
  #place: Place;
  #inObject = false;
  #state: State = 'stopped';
  #keyEnd = 0;
  #keeps = false;
  #mostBytes = 0;
  #maxDepth = 0;

  /** `document`: the place of the outermost value. What stands behind it is refused, unless `ignoresRest`. */
  constructor(grammar: JsonGrammar<Place>, document: Place, { ignoresRest = false } = {}) {
    this.#grammar = grammar;
    this.#document = document;
    this.#place = document;
    this.#ignoresRest = ignoresRest;
  }

  /** Makes ready for another document. */
  reset(maxDepth: number): void {
    this.window.reset();
    this.#depth = 0;
    this.#place = this.#document;
    this.#maxDepth = maxDepth;
    this.#state = 'value';
  }

  /** In place of the first `bytes` bytes of a document: goes on before a value inside of these places, outermost first. */
  resume(places: readonly OpenPlace<Place>[], bytes: number): void {
    this.window.reset(bytes);
    this.#depth = 0;
    for (const { place, isObject } of places) this.#push(place, isObject);
    this.#state = 'value';
  }

  /** The next bytes; they are read before it returns. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#isOver;) {
      at += this.window.append(chunk, at);
      this.#run();
    }
  }

  /** The document is whole. */
  get whole(): boolean {
    return this.#state === 'whole';
  }

  /** The grammar has stopped it. */
  get stopped(): boolean {
    return this.#state === 'stopped';
  }

  /** A value is being gathered, to be read or kept. */
  get gathers(): boolean {
    return this.#state === 'text';
  }

  /** Objects and arrays that are open, outermost first. */
  places(): readonly OpenPlace<Place>[] {
    return Array.from({ length: this.#depth }, (_, i) => ({ place: this.#places[i] as Place, isObject: this.#areObjects[i] === true }));
  }

  /** Nothing more is read. */
  stop(): void {
    this.#state = 'stopped';
  }

  /** The value is an object or an array: walks into it. */
  enter(place: Place): void {
    const isObject = this.window.bytes[this.window.at] === 0x7b;
    this.window.skip(1);
    this.#push(place, isObject);
    this.#state = isObject ? 'first_key' : 'first_value';
  }

  /** The value is a row of the tensor that was started. */
  readTensor(): void {
    this.#state = 'tensor';
  }

  /** The object whose key was told is one: the tensor was started to read it behind that key. */
  readTensorHere(): void {
    this.#pop();
    this.#state = 'tensor';
  }

  /** The value is to be read, once all of it is there. */
  readValue(maxBytes: number): void {
    this.#gather(maxBytes, false);
  }

  /** The value is to be kept as the bytes that it is. */
  keepValue(maxBytes: number): void {
    this.#gather(maxBytes, true);
  }

  /** Which of these the key is; -1 where it is none. */
  keyAmong(names: readonly KeyName[]): number {
    const { bytes, at } = this.window;
    for (let i = 0; i < names.length; i++) {
      if (sameBytes(bytes, at + 1, this.#keyEnd, (names[i] as KeyName).nameBytes)) return i;
    }
    const text = stringText(bytes, at + 1, this.#keyEnd);
    return names.findIndex(({ name }) => name === text);
  }

  /** The key's text; undefined, and refused, where it is none. */
  keyText(): string | undefined {
    const text = stringText(this.window.bytes, this.window.at + 1, this.#keyEnd);
    if (text === undefined) this.unexpected('a key in UTF-8 with escapes that JSON knows');
    return text;
  }

  /** Refuses what stands at `at`: something else was to. */
  unexpected(wanted: string, at: number = this.window.at): void {
    this.#grammar.refuse('not_json', `Expected ${wanted}, got ${this.window.shown(at)}.`, at);
  }

  get #isOver(): boolean {
    return this.#state === 'stopped' || (this.#state === 'whole' && this.#ignoresRest);
  }

  #push(place: Place, isObject: boolean): void {
    this.#places[this.#depth] = place;
    this.#areObjects[this.#depth++] = isObject;
    this.#place = place;
    this.#inObject = isObject;
  }

  #pop(): void {
    const outer = --this.#depth - 1;
    this.#place = outer < 0 ? this.#document : this.#places[outer] as Place;
    this.#inObject = outer >= 0 && this.#areObjects[outer] === true;
  }

  #run(): void {
    const { window, tensor } = this;
    while (!this.#isOver) {
      if (this.#state === 'tensor') {
        const step = tensor.step(window);
        if (step === MORE) return;
        if (step === DONE) this.#tensorRead();
        else if (step === FAILED && tensor.failure !== undefined) this.#grammar.tensorRefused(tensor.failure);
        continue;
      }
      const c = window.peek();
      if (c < 0 || !this.#token(c)) return;
    }
  }

  /** Takes one token; false where it needs more bytes. */
  #token(c: number): boolean {
    switch (this.#state) {
      case 'first_key': return c === 0x7d ? this.#close() : this.#key(c);
      case 'key': return this.#key(c);
      case 'colon': return this.#step(c, 0x3a, "':'", 'value');
      case 'first_value': return c === 0x5d ? this.#close() : this.#value(c);
      case 'value': return this.#value(c);
      case 'text': return this.#text();
      case 'after': return this.#after(c);
      case 'whole':
        this.unexpected('nothing after the document');
        return true;
      case 'tensor': case 'stopped': return true;
    }
  }

  #value(c: number): true {
    this.#grammar.value(this.#place, c);
    return true;
  }

  #key(c: number): boolean {
    const { window } = this;
    if (c !== 0x22) return this.#unexpected('a key');
    const end = stringEnd(window);
    if (stringReach(window, end) > MAX_KEY_BYTES) {
      this.#grammar.refuse('unknown_field', `A key has more than ${MAX_KEY_BYTES} bytes.`, window.at);
      return true;
    }
    if (end === OPEN) return false;
    if (end < OPEN) return this.#unexpected('no control character in a key', -2 - end);
    this.#keyEnd = end;
    this.#state = 'colon';
    this.#grammar.key(this.#place);
    if (!this.stopped) window.skip(end + 1 - window.at);
    return true;
  }

  #after(c: number): boolean {
    const isObject = this.#inObject;
    if (c === 0x2c) return this.#step(c, c, '', isObject ? 'key' : 'value');
    if (c === (isObject ? 0x7d : 0x5d)) return this.#close();
    return this.#unexpected(isObject ? "',' or '}'" : "',' or ']'");
  }

  #close(): true {
    this.#grammar.closed(this.#place);
    if (this.stopped) return true;
    this.window.skip(1);
    this.#pop();
    this.#state = this.#depth === 0 ? 'whole' : 'after';
    return true;
  }

  #tensorRead(): void {
    this.#state = 'after';
    this.#grammar.tensorRead(this.#place);
  }

  #gather(maxBytes: number, keeps: boolean): void {
    this.#values.reset();
    this.#mostBytes = maxBytes;
    this.#keeps = keeps;
    this.#state = 'text';
  }

  #text(): boolean {
    const { window } = this;
    const found = this.#values.scan(window, this.#maxDepth);
    const reach = found.kind === 'cut' ? window.end : found.at;
    if (reach - window.at > this.#mostBytes) return this.#refuse('invalid_field', `The value has more than ${this.#mostBytes} bytes.`, window.at);
    if (found.kind === 'too_deep') return this.#refuse('too_deep', `The value is nested more than ${this.#maxDepth} deep.`, found.at);
    if (found.kind === 'cut') return false;
    this.#give(found.at);
    if (this.stopped) return true;
    window.skip(found.at - window.at);
    this.#state = 'after';
    return true;
  }

  #give(end: number): void {
    const { bytes, at } = this.window;
    if (this.#keeps) {
      // Whether it is JSON is for who reads it later; whether there is anything would nobody else see.
      if (end > at) this.#grammar.kept?.(Buffer.from(bytes.subarray(at, end)));
      else this.unexpected('a value');
      return;
    }
    const value = jsonValue(bytes, at, end);
    if (value === undefined) this.#refuse('not_json', 'The value is not JSON.', at);
    else this.#grammar.taken(value);
  }

  #step(c: number, wanted: number, words: string, next: State): true {
    if (c !== wanted) return this.#unexpected(words);
    this.window.skip(1);
    this.#state = next;
    return true;
  }

  #unexpected(wanted: string, at: number = this.window.at): true {
    this.unexpected(wanted, at);
    return true;
  }

  #refuse(code: ErrorCode, message: string, at: number): true {
    this.#grammar.refuse(code, message, at);
    return true;
  }
}
