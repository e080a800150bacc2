import type { ByteWindow } from './byte-window.ts';
import { CUT, exactInteger, numberEnd } from './number-token.ts';
import type { RowFault } from './row-nesting.ts';
import { CUT_OFF, notJson, type Read, type Row } from './row-read.ts';
import { INTEGER_RANGE, storeBigInteger, storeNotFinite, storeNumbers } from './store-numbers.ts';

/** Digits past this cannot tell two doubles apart any more (768 for the longest halfway case, and its exponent's zeros). */
const MAX_NUMBER_BYTES = 2048;
/** What `nonFinite` lets stand for a number, behind a sign or none. */
const NOT_FINITE: ReadonlyMap<string, number> = new Map([['NaN', Number.NaN], ['Infinity', Number.POSITIVE_INFINITY], ['Inf', Number.POSITIVE_INFINITY]]);
const LONGEST_NOT_FINITE = 'Infinity'.length;

const one = new Float64Array(1);

/** Reads one number with the whole grammar, and finds the words where it is none or does not fit: the slow way beside row-run.ts. */
export function readNumber(window: ByteWindow, row: Row): Read {
  const { nesting, target } = row;
  const end = numberEnd(window.bytes, window.at, window.end);
  const reach = end === CUT ? window.end : end < CUT ? -2 - end : end;
  if (reach - window.at > MAX_NUMBER_BYTES) return { code: 'invalid_field', message: `A number has more than ${MAX_NUMBER_BYTES} characters.`, path: nesting.path() };
  if (end === CUT) return CUT_OFF;
  if (end < CUT) return notJson(window, row, 'a number as JSON writes them', -2 - end);
  const { column } = nesting;
  const { dtype, elementBytes } = column.plan;
  if (elementBytes === 0 || dtype === 'bool') return nesting.wrongType('a number');
  const misplaced = nesting.place();
  if (misplaced !== undefined) return misplaced;
  const text = window.bytes.toString('latin1', window.at, end);
  if (target.exactForms && INTEGER_RANGE.has(dtype) && /[.eE]/.test(text)) return unfit(row, text);
  one[0] = Number(text);
  column.reserve(elementBytes);
  if (storeNumbers(dtype, column.views, column.writeAt, one, 1) === 0) {
    const wide = dtype === 'int64' || dtype === 'uint64' ? exactInteger(text) : undefined;
    if (wide === undefined || !storeBigInteger(dtype === 'int64' ? 'int64' : 'uint64', column.views, column.writeAt, wide)) return unfit(row, text);
  }
  column.used += elementBytes;
  window.skip(end - window.at);
  nesting.whole();
  return undefined;
}

/** Whether a word for a number that is not finite begins here, its sign included. */
export function beginsNotFinite({ bytes, at, end }: ByteWindow, c: number): boolean {
  const first = c !== 0x2d ? c : at + 1 < end ? bytes[at + 1] : 0;
  return first === 0x4e || first === 0x49;
}

/** Reads such a word. */
export function readNotFinite(window: ByteWindow, row: Row): Read {
  const { bytes, at, end } = window;
  const { nesting } = row;
  const negative = bytes[at] === 0x2d;
  const from = negative ? at + 1 : at;
  let to = from;
  while (to < end && to - from <= LONGEST_NOT_FINITE && isLetter(bytes[to] as number)) to++;
  const word = bytes.toString('latin1', from, to);
  if (to === end && [...NOT_FINITE.keys()].some((known) => known.startsWith(word))) return CUT_OFF;
  const value = NOT_FINITE.get(word);
  if (value === undefined) return notJson(window, row, 'a value');
  const misplaced = nesting.place();
  if (misplaced !== undefined) return misplaced;
  const { column } = nesting;
  const { dtype, elementBytes } = column.plan;
  column.reserve(elementBytes);
  if (!storeNotFinite(dtype, column.views, column.writeAt, negative && value > 0 ? -value : value)) return nesting.wrongType(word);
  column.used += elementBytes;
  window.skip(to - at);
  nesting.whole();
  return undefined;
}

/** A number that the dtype does not hold. */
function unfit({ nesting }: Row, text: string): RowFault {
  const { dtype } = nesting.column.plan;
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  const range = INTEGER_RANGE.get(dtype);
  if (range === undefined) return { code: 'not_finite', message: `${shown} is not finite in ${dtype}.`, path: nesting.path() };
  return { code: 'wrong_dtype', message: `Expected an integer from ${range[0]} to ${range[1]} (${dtype}), got ${shown}.`, path: nesting.path() };
}

function isLetter(c: number): boolean {
  return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
}
