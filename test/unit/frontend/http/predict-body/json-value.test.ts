import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWindow } from '../../../../../frontend/http/predict-body/byte-window.ts';
import { JsonValueScanner, jsonValue } from '../../../../../frontend/http/predict-body/json-value.ts';

const scanner = new JsonValueScanner();

function scan(text: string, chunk = text.length): string {
  const window = new ByteWindow();
  const bytes = Buffer.from(text);
  scanner.reset();
  for (let at = 0; at < bytes.length; at += chunk) {
    window.append(bytes.subarray(at, at + chunk), 0);
    const found = scanner.scan(window, 4);
    if (found.kind !== 'cut') return `${found.kind} ${found.at}`;
  }
  return 'cut';
}

test('a value ends where it ends, however it comes', () => {
  for (const [value, rest] of [['20', ','], ['"a\\"}]"', ','], ['{"a":[1,"}"]}', '}'], ['true', ' '], ['-1e5', '}'], ['[]', '']] as const) {
    for (const chunk of [1, 2, 1000]) assert.equal(scan(value + rest, chunk), `end ${value.length}`, value);
  }
});

test('it waits for the rest, and minds the depth', () => {
  for (const cut of ['1', '"a', '{"a":1', '"\\']) assert.equal(scan(cut), 'cut');
  assert.equal(scan('[[[[[1'), 'too_deep 4');
  assert.equal(scan('[[[[1]]]],'), 'end 9');
});

test('values that are not JSON in UTF-8 are none', () => {
  const value = (bytes: Buffer): unknown => jsonValue(bytes, 0, bytes.length);
  assert.deepEqual(value(Buffer.from('{"a":[1]}')), { a: [1] });
  assert.equal(value(Buffer.from('null')), null);
  assert.equal(value(Buffer.from('{a:1}')), undefined);
  assert.equal(value(Buffer.from([0x22, 0xff, 0x22])), undefined);
});
