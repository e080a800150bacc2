import type { ByteWindow } from './byte-window.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { OPEN, stringEnd, stringReach, stringText } from './json-string.ts';
import type { RowFault } from './row-nesting.ts';
import { CUT_OFF, notJson, type Read, type Row } from './row-read.ts';

/** Reads a string, an element of dtype `bytes`: its length, then its UTF-8. */
export function readText(window: ByteWindow, row: Row): Read {
  const { nesting } = row;
  const end = textEnd(window, row);
  if (typeof end !== 'number') return end;
  const misplaced = nesting.place();
  if (misplaced !== undefined) return misplaced;
  const text = stringText(window.bytes, window.at + 1, end);
  if (text === undefined) return noText(window, row);
  if (/\p{Surrogate}/u.test(text)) return { code: 'wrong_dtype', message: 'A string has half of a surrogate pair, which has no UTF-8.', path: nesting.path() };
  const { column } = nesting;
  const length = Buffer.byteLength(text);
  beginElement(column, length);
  Buffer.from(column.views.uint8.buffer, column.views.uint8.byteOffset + column.writeAt, length).write(text);
  column.used += length;
  window.skip(end + 1 - window.at);
  nesting.whole();
  return undefined;
}

/** Where the string that begins here has its closing quote. */
export function textEnd(window: ByteWindow, row: Row): number | RowFault | typeof CUT_OFF {
  const end = stringEnd(window);
  const limit = row.target.maxStringBytes;
  if (stringReach(window, end) > limit + 1) return { code: 'body_too_large', message: `A string has more than ${limit} bytes.`, path: row.nesting.path() };
  if (end === OPEN) return CUT_OFF;
  return end < OPEN ? notJson(window, row, 'no control character in a string', -2 - end) : end;
}

/** What stands between two quotes is no text. */
export function noText(window: ByteWindow, row: Row): RowFault {
  return notJson(window, row, 'a string in UTF-8 with escapes that JSON knows');
}

/** Makes room for an element of dtype `bytes` and writes its length. */
export function beginElement(column: ColumnBuilder, length: number): void {
  column.reserve(4 + length);
  const { uint8 } = column.views;
  const at = column.writeAt;
  for (let i = 0; i < 4; i++) uint8[at + i] = (length >>> (8 * i)) & 0xff;
  column.used += 4;
}
