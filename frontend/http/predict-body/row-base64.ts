import { base64Bytes, decodeBase64 } from './base64.ts';
import type { ByteWindow } from './byte-window.ts';
import { pathMember } from './input-path.ts';
import { sameBytes, stringText } from './json-string.ts';
import type { RowFault } from './row-nesting.ts';
import { notJson, type Read, type Row } from './row-read.ts';
import { beginElement, noText, textEnd } from './row-text.ts';

const KEY = Buffer.from('b64');

/** What stands in an object `{"b64": "…"}`, piece by piece: what is expected next. */
export type Base64Part = 'key' | 'colon' | 'text' | 'close';

/**
 * Reads the next part of an object in base64 that stands for a whole row, or for one element of dtype `bytes`; the caller has
 * stepped over its brace, and over what parts came before.
 */
export function readBase64(window: ByteWindow, row: Row, part: Base64Part, c: number): Read {
  switch (part) {
    case 'key': return readKey(window, row, c);
    case 'colon':
      if (c !== 0x3a) return notJson(window, row, "':'");
      window.skip(1);
      return undefined;
    case 'text': return readBytes(window, row, c);
    case 'close':
      if (c === 0x2c) return { code: 'unknown_field', message: ONE_FIELD, path: row.nesting.path() };
      if (c !== 0x7d) return notJson(window, row, "'}'");
      window.skip(1);
      row.nesting.whole();
      return undefined;
  }
}

const ONE_FIELD = 'An object in place of a tensor has the one field `b64`.';

function readKey(window: ByteWindow, row: Row, c: number): Read {
  const { nesting } = row;
  if (c === 0x7d) return nesting.wrongType('an empty object');
  if (c !== 0x22) return notJson(window, row, 'a field name');
  const end = textEnd(window, row);
  if (typeof end !== 'number') return end;
  if (!sameBytes(window.bytes, window.at + 1, end, KEY)) {
    const name = stringText(window.bytes, window.at + 1, end);
    if (name === undefined) return noText(window, row);
    if (name !== 'b64') return { code: 'unknown_field', message: ONE_FIELD, path: `${nesting.path()}${pathMember(name)}` };
  }
  window.skip(end + 1 - window.at);
  return undefined;
}

function readBytes(window: ByteWindow, row: Row, c: number): Read {
  const { nesting } = row;
  const invalid = (message: string): RowFault => ({ code: 'invalid_base64', message, path: `${nesting.path()}.b64` });
  if (c !== 0x22) return invalid('Expected a string in base64.');
  const end = textEnd(window, row);
  if (typeof end !== 'number') return end;
  const text = stringText(window.bytes, window.at + 1, end);
  if (text === undefined) return noText(window, row);
  const length = base64Bytes(text);
  if (length < 0) return invalid('The base64 text is not padded to a multiple of four characters.');
  const { column } = nesting;
  const { elementBytes, dtype } = column.plan;
  if (elementBytes === 0) {
    beginElement(column, length);
  } else {
    const misfit = nesting.total(length / elementBytes, `${length} bytes of base64`);
    if (misfit !== undefined) return misfit;
    column.reserve(length);
  }
  if (!decodeBase64(text, column.views.uint8, column.writeAt)) return invalid('A character is not of the base64 alphabet.');
  if (dtype === 'bool' && !areBooleans(column.views.uint8, column.writeAt, length)) {
    return { code: 'wrong_dtype', message: 'A byte of a bool is neither 0 nor 1.', path: `${nesting.path()}.b64` };
  }
  column.used += length;
  window.skip(end + 1 - window.at);
  return undefined;
}

function areBooleans(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if ((bytes[i] ?? 2) > 1) return false;
  return true;
}
