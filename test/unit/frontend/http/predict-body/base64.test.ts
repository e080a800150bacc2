import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64Bytes, decodeBase64 } from '../../../../../frontend/http/predict-body/base64.ts';

function decode(text: string): string | undefined {
  const length = base64Bytes(text);
  const target = new Uint8Array(64);
  return length >= 0 && decodeBase64(text, target, 5) ? Buffer.from(target.subarray(5, 5 + length)).toString('latin1') : undefined;
}

test('padded base64 of either alphabet is read into its place', () => {
  for (const text of ['', 'a', 'ab', 'abc', '\u00ff\u00fe\u00fd', 'four']) {
    const encoded = Buffer.from(text, 'latin1').toString('base64');
    assert.equal(decode(encoded), text);
    assert.equal(decode(encoded.replaceAll('+', '-').replaceAll('/', '_')), text);
  }
});

test('anything else is refused', () => {
  for (const text of ['A', 'AA', 'AAA', '====', 'AA=A', 'A===', 'AAA*', 'AA A', 'AAAA\n', 'AAA\u00e9', '*AAA', 'AA==AAAA', 'AAAA====']) assert.equal(decode(text), undefined, text);
});
