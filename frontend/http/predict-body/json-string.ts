import { isUtf8 } from 'node:buffer';
import type { ByteWindow } from './byte-window.ts';

/** `stringEnd`: the closing quote is not among the bytes that are here. */
export const OPEN = -1;

/**
 * Where the closing quote of the JSON string lies whose opening quote is at `window.at`; `OPEN`, or −2 − i where byte i
 * is a control character, which strings may not hold. Called again after more bytes came, it goes on where it stopped.
 */
export function stringEnd(window: ByteWindow): number {
  const { bytes, at, end } = window;
  let i = at + Math.max(window.scanned, 1);
  while (i < end) {
    const c = bytes[i] as number;
    if (c === 0x22) return i;
    if (c < 0x20) return -2 - i;
    if (c === 0x5c) {
      if (i + 1 >= end) break;
      if ((bytes[i + 1] as number) < 0x20) return -3 - i;
      i++;
    }
    i++;
  }
  window.scanned = i - at;
  return OPEN;
}

/** Bytes from the opening quote to where the string ends, goes wrong or is cut: what a limit on its length is held against. */
export function stringReach(window: ByteWindow, end: number): number {
  return (end >= 0 ? end : end === OPEN ? window.end : -2 - end) - window.at;
}

/** The text between two quotes (both left out); undefined where it is not UTF-8 or has an escape that JSON does not know. */
export function stringText(bytes: Buffer, from: number, to: number): string | undefined {
  if (!isUtf8(bytes.subarray(from, to))) return undefined;
  const text = bytes.toString('utf8', from, to);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

/** Whether the raw bytes between two quotes are exactly `word`. Without an allocation: this finds the known keys. */
export function sameBytes(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (bytes[from + i] !== word[i]) return false;
  }
  return true;
}
