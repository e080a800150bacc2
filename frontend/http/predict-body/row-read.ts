import type { ByteWindow } from './byte-window.ts';
import type { ParseTarget } from './parse-target.ts';
import type { RowFault, RowNesting } from './row-nesting.ts';

/** The row that is being read: where it is nested, what it is part of, and what bounds it. */
export interface Row {
  readonly nesting: RowNesting;
  readonly target: ParseTarget;
}

/** `Read`: what stands here goes on behind the bytes that are here; nothing was taken. */
export const CUT_OFF = 'cut off';

/** What reading a piece of a row came to: undefined where it was taken, and the window stands behind it. */
export type Read = undefined | typeof CUT_OFF | RowFault;

/** The bytes are no JSON. */
export function notJson(window: ByteWindow, { nesting }: Pick<Row, 'nesting'>, wanted: string, at: number = window.at, depth: number = nesting.depth): RowFault {
  return { code: 'not_json', message: `Expected ${wanted}, got ${window.shown(at)}.`, path: nesting.path(depth), at };
}
