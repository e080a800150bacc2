import type { ByteWindow } from './byte-window.ts';
import type { ColumnBuilder } from './column-builder.ts';
import { FLOAT32_RUN, scanFloat32, scanned, stoppedAt } from './float32-scan.ts';
import { scanNumbers } from './number-run.ts';
import type { Row } from './row-read.ts';
import { INTEGER_RANGE, storeNumbers } from './store-numbers.ts';

/** Numbers that the fast loop reads at once. */
const RUN = 1024;

const numbers = new Float64Array(RUN);

/** How far a run went: the next byte begins an element, or ends one; or it stopped before a number that wants the slow way. */
export type Run = 'comma' | 'number' | 'stopped';

/**
 * Reads a run of numbers inside of an array straight into the column: the loop that requests cost. An element may stand here;
 * what it takes is right, and what it does not take row-number.ts decides.
 */
export function readRun(window: ByteWindow, { nesting, target }: Row): Run {
  const { column, room } = nesting;
  const { dtype, elementBytes } = column.plan;
  if (dtype === 'float32') {
    const taken = float32s(window, column, room);
    if (taken > 0) {
      nesting.add(taken);
      return behind(window);
    }
  }
  const begin = window.at;
  const taken = scanNumbers(window, numbers, room < 0 ? RUN : Math.min(room, RUN), dtype === 'float32');
  if (taken === 0) return 'stopped';
  column.reserve(taken * elementBytes);
  const plain = target.exactForms && INTEGER_RANGE.has(dtype) ? plainIntegers(window.bytes, begin, window.at, taken) : taken;
  const stored = storeNumbers(dtype, column.views, column.writeAt, numbers, plain);
  column.used += stored * elementBytes;
  nesting.add(stored);
  if (stored === taken) return behind(window);
  // The dtype does not hold the next one, or not for sure.
  window.at = afterCommas(window.bytes, begin, stored);
  return 'stopped';
}

/** For float32 the quickest way, in WebAssembly; says how many it took. */
function float32s(window: ByteWindow, column: ColumnBuilder, room: number): number {
  const { region } = window;
  if (region === undefined) return 0;
  const limit = room < 0 ? FLOAT32_RUN : Math.min(room, FLOAT32_RUN);
  const taken = scanFloat32(region.address + window.at, region.address + window.end, limit);
  if (taken === 0) return 0;
  column.reserve(taken * 4);
  column.views.float32.set(scanned(taken), column.writeAt >> 2);
  column.used += taken * 4;
  window.at = stoppedAt() - region.address;
  return taken;
}

function behind({ bytes, at }: ByteWindow): Run {
  return bytes[at - 1] === 0x2c ? 'comma' : 'number';
}

/** How many of `count` numbers come before the first that is written with a point or an exponent. */
function plainIntegers(bytes: Uint8Array, from: number, to: number, count: number): number {
  let plain = 0;
  for (let at = from; at < to; at++) {
    const c = bytes[at];
    if (c === 0x2c) plain++;
    else if (c === 0x2e || c === 0x65 || c === 0x45) return plain;
  }
  return count;
}

/** Where the number after `count` commas begins; there is nothing but numbers, commas and white space. */
function afterCommas(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0; at++) if (bytes[at] === 0x2c) left--;
  return at;
}
