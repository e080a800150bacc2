import type { Failure } from '../../domain/answer.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { CountedRows } from '../../protocols/ask.ts';
import { type JsonGrammar, JsonWalker } from '../predict-body/json-walker.ts';
import type { ParseTarget } from '../predict-body/parse-target.ts';
import type { TfsParseResult } from './predict-parser.ts';
import { BOTH_FORMS, noWords, takeWord } from './predict-words.ts';

/** The body; the rows, which are elements of `instances` or of a column's outermost list; and the columns by name. */
type Place = 'document' | 'body' | 'rows' | 'columns';

/**
 * Reads the body of `:predict` for a name whose inputs nobody knows yet: what it says beside its rows, and how many of those there
 * are, so that what answers it answers as many, in the form in which it was asked. The rows themselves are passed over.
 */
export class UnfittedPredictReader implements JsonGrammar<Place> {
  readonly #walker = new JsonWalker<Place>(this, 'document', { ignoresRest: true });
  readonly #limits: Limits;
  #failure: Failure | undefined;
  #key = '';
  #form: 'instances' | 'inputs' | undefined;
  readonly #words = noWords();
  /** Of the list that is open, or was last. */
  #rows = 0;
  /** Of the first column. */
  #firstRows: number | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#walker.reset(limits.maxDepth);
  }

  push(chunk: Buffer): void {
    this.#walker.push(chunk);
  }

  /** There are no more bytes. */
  end(): TfsParseResult<CountedRows> {
    const walker = this.#walker;
    if (!walker.whole && !walker.stopped) walker.unexpected('the rest of the document', walker.window.end);
    else if (walker.whole && this.#form === undefined) this.#fail('missing_input', "Missing 'inputs' or 'instances' key");
    if (this.#failure !== undefined) return { ok: false, failure: this.#failure };
    return { ok: true, body: { rows: this.#firstRows ?? 0, rowForm: this.#form === 'instances', ...this.#words } };
  }

  abort(): void {
    this.#walker.stop();
  }

  key(place: Place): void {
    if (place !== 'body') return;
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
      case 'body':
        if (this.#key !== 'instances' && this.#key !== 'inputs') return walker.readValue(this.#limits.maxContextBytes);
        return this.#key === 'inputs' && c === 0x7b ? walker.enter('columns') : this.#list(c);
      case 'columns': return this.#list(c);
      case 'rows':
        if (++this.#rows > this.#limits.maxRows) return this.#fail('too_many_rows', `A request has at most ${this.#limits.maxRows} rows`);
        return walker.keepValue(this.#limits.maxBinaryBytes);
    }
  }

  taken(value: unknown): void {
    const failure = takeWord(this.#key, value, this.#words);
    if (failure !== undefined) this.#fail(failure.code, failure.message);
  }

  /** No value is read as a tensor. */
  tensorRead(): void {}

  tensorRefused({ code, message }: Failure): void {
    this.#fail(code, message);
  }

  closed(place: Place): void {
    if (place === 'rows') return this.#listDone();
    if (place === 'columns' && this.#firstRows === undefined) this.#fail('missing_input', "Missing named input in 'inputs' object.");
  }

  refuse(code: ErrorCode, message: string, at: number): void {
    const text = message.replace(/\.$/, '');
    this.#fail(code, code === 'not_json' ? `JSON Parse error: ${text} at offset: ${this.#walker.window.position(at)}` : text);
  }

  #list(c: number): void {
    const { window } = this.#walker;
    if (c !== 0x5b) {
      return this.#fail('wrong_shape', this.#form === 'instances' ? "Excepting 'instances' to be an list/array" : `Expected a list, whose first dimension is the batch, got ${window.shown(window.at)}`);
    }
    this.#rows = 0;
    this.#walker.enter('rows');
  }

  #listDone(): void {
    if (this.#rows === 0) return this.#fail('empty_inputs', this.#form === 'instances' ? "No values in 'instances' array" : 'No values in the first dimension, which is the batch');
    this.#firstRows ??= this.#rows;
    if (this.#rows !== this.#firstRows) this.#fail('wrong_shape', `Input tensor has inconsistent batch size: ${this.#rows} expecting: ${this.#firstRows}`);
  }

  #fail(code: ErrorCode, message: string): void {
    this.#walker.stop();
    this.#failure ??= { code, message };
  }
}

type Limits = Pick<ParseTarget, 'maxRows' | 'maxDepth' | 'maxContextBytes' | 'maxBinaryBytes'>;
