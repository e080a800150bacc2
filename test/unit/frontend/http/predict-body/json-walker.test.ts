import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonGrammar, JsonWalker, keyName } from '../../../../../frontend/http/predict-body/json-walker.ts';
import type { ErrorCode } from '../../../../../frontend/domain/errors.ts';
import type { ColumnPlan } from '../../../../../frontend/http/predict-body/parse-target.ts';
import { ColumnBuilder } from '../../../../../frontend/http/predict-body/column-builder.ts';
import { slabs, targetFor } from '../../../../support/parse-body.ts';

/** Walks into all objects and arrays but those under `read`, `kept` and `tensor`, and writes down what it is told. */
class Told implements JsonGrammar<string> {
  readonly walker: JsonWalker<string>;
  readonly said: string[] = [];
  readonly #column = new ColumnBuilder();
  #key = '';

  constructor(ignoresRest = false) {
    this.walker = new JsonWalker<string>(this, 'document', { ignoresRest });
    this.walker.reset(4);
  }

  key(place: string): void {
    const key = this.walker.keyText();
    if (key === undefined) return;
    this.#key = key;
    this.said.push(`${place}.${key}`);
  }
  value(place: string, c: number): void {
    if (c === 0x7b || c === 0x5b) {
      if (this.#key === 'read' || this.#key === 'kept') return this.#gather();
      if (this.#key === 'tensor') return this.#tensor();
      return this.walker.enter(`${place}/${this.#key}`);
    }
    this.#gather();
  }
  taken(value: unknown): void {
    this.said.push(JSON.stringify(value));
  }
  kept(bytes: Buffer): void {
    this.said.push(`kept ${bytes.toString()}`);
  }
  tensorRead(place: string): void {
    this.said.push(`tensor in ${place}`);
    this.#column.release();
  }
  tensorRefused({ message }: { message: string }): void {
    this.#stop(message);
  }
  closed(place: string): void {
    this.said.push(`end of ${place}`);
    this.#key = '';
  }
  refuse(code: ErrorCode, message: string, at: number): void {
    this.#stop(`${code}: ${message} (${this.walker.window.position(at)})`);
  }

  #stop(words: string): void {
    this.#column.release();
    this.said.push(words);
    this.walker.stop();
  }
  #gather(): void {
    if (this.#key === 'kept') this.walker.keepValue(40);
    else this.walker.readValue(20);
  }
  #tensor(): void {
    const target = targetFor([{ name: 'x', dtype: 'uint8', shape: [2] }]);
    this.#column.begin(target, target.plans[0] as ColumnPlan, 1);
    this.walker.tensor.start(target, this.#column);
    this.walker.readTensor();
  }
}

function walk(text: string, cuts: readonly number[] = [], ignoresRest = false): readonly string[] {
  const told = new Told(ignoresRest);
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    told.walker.push(Buffer.from(text.slice(from, cut)));
    from = cut;
  }
  assert.equal(slabs.usedSlabs, 0);
  return [...told.said, told.walker.whole ? 'whole' : told.walker.stopped ? 'stopped' : 'unfinished'];
}

const DOCUMENT = ' {"a": 1, "b" : [2, ["x"]], "read": {"c": [3]}, "kept": [ 4 ], "tensor": [5, 6], "e": {} } ';
const SAID = [
  'document/.a', '1', 'document/.b', '2', '"x"', 'end of document//b/b', 'end of document//b', 'document/.read', '{"c":[3]}', 'document/.kept', 'kept [ 4 ]', 'document/.tensor', 'tensor in document/',
  'document/.e', 'end of document//e', 'end of document/', 'whole',
];

test('a grammar is told the same of a document, however it is cut', () => {
  assert.deepEqual(walk(DOCUMENT), SAID);
  for (let cut = 1; cut < DOCUMENT.length; cut++) assert.deepEqual(walk(DOCUMENT, [cut]), SAID, `cut at ${cut}`);
  assert.deepEqual(walk(DOCUMENT, Array.from(DOCUMENT, (_, i) => i)), SAID);
});

test('what is no JSON is refused where it stands', () => {
  for (const [text, last] of [
    ['{a', "not_json: Expected a key, got 'a'. (1)"], ['{"a" 1', "not_json: Expected ':', got '1'. (5)"], ['{"a":1 2', "not_json: Expected ',' or '}', got '2'. (7)"], ['[1 2', "not_json: Expected ',' or ']', got '2'. (3)"],
    ['{"a":1,}', "not_json: Expected a key, got '}'. (7)"], ['{"\u0001":1}', 'not_json: Expected no control character in a key, got byte 0x01. (2)'], ['{"\\x":1}', 'not_json: Expected a key in UTF-8 with escapes that JSON knows, got \'"\'. (1)'],
    ['{"a":nul}', 'not_json: The value is not JSON. (5)'], ['{"kept":}', "not_json: Expected a value, got '}'. (8)"], ['{} x', "not_json: Expected nothing after the document, got 'x'. (3)"], ['{"read":[[[[[', 'too_deep: The value is nested more than 4 deep. (12)'],
    [`{"a":"${'x'.repeat(30)}`, 'invalid_field: The value has more than 20 bytes. (5)'], [`{"${'k'.repeat(1100)}`, 'unknown_field: A key has more than 1024 bytes. (1)'], ['{"tensor":[1,2,3]}', 'Expected 2 numbers, got more (byte 15).'],
  ] as const) assert.deepEqual(walk(text).slice(-2), [last, 'stopped'], text.slice(0, 40));
  assert.equal(walk('{"a":').at(-1), 'unfinished');
  assert.equal(walk('{} x', [], true).at(-1), 'whole');
});

test('keys are found among names, also where they are written with escapes', () => {
  const names = ['a', 'é'].map(keyName);
  const found: number[] = [];
  const told = new Told();
  told.key = () => void found.push(told.walker.keyAmong(names));
  told.walker.push(Buffer.from('{"a":1,"\\u00e9":1,"é":1,"b":1}'));
  assert.deepEqual(found, [0, 1, 1, -1]);
});

test('it goes on in the middle of a document whose beginning is known', () => {
  const told = new Told();
  const places = [{ place: 'body', isObject: true }, { place: 'list', isObject: false }];
  told.walker.resume(places, 100);
  assert.deepEqual(told.walker.places(), places);
  told.walker.push(Buffer.from('7], "a": 1 } x'));
  assert.deepEqual(told.said, ['7', 'end of list', 'body.a', '1', 'end of body', "not_json: Expected nothing after the document, got 'x'. (113)"]);
});
