import type { ByteWindow } from './byte-window.ts';
import { CUT_OFF, notJson, type Read, type Row } from './row-read.ts';

const WORDS: readonly (readonly [word: string, kind: string])[] = [['true', 'a boolean'], ['false', 'a boolean'], ['null', 'null']];

/** Reads `true` or `false`, an element of dtype `bool`; refuses `null`, and whatever else is no value. */
export function readWord(window: ByteWindow, row: Row): Read {
  const { bytes, at, end } = window;
  const { nesting } = row;
  const found = WORDS.find(([word]) => word.charCodeAt(0) === bytes[at]);
  if (found === undefined) return notJson(window, row, 'a value');
  const [word, kind] = found;
  for (let i = 0; i < word.length; i++) {
    if (at + i >= end) return CUT_OFF;
    if (bytes[at + i] !== word.charCodeAt(i)) return notJson(window, row, `\`${word}\``, at + i);
  }
  const { column } = nesting;
  if (column.plan.dtype !== 'bool' || word === 'null') return nesting.wrongType(kind);
  const misplaced = nesting.place();
  if (misplaced !== undefined) return misplaced;
  column.reserve(1);
  column.views.uint8[column.writeAt] = word === 'true' ? 1 : 0;
  column.used++;
  window.skip(word.length);
  nesting.whole();
  return undefined;
}
