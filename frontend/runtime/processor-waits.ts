import { openSync, readSync } from 'node:fs';
import type { Micros } from '../domain/clock.ts';

/** More than the line has: nanoseconds on a processor, nanoseconds in wait of one, and a count (Linux, Documentation/scheduler/sched-stats.rst). */
const MOST_BYTES = 64;

/** One for all that this thread runs, and for as long as it does. */
let own: (() => Micros) | undefined;

/**
 * Says for how long, since it began, the calling thread was ready and had to wait for a processor that others had: by the kernel's
 * own account, which takes some 2 µs to read. Undefined where there is none.
 */
export function processorWaits(): (() => Micros) | undefined {
  own ??= waitsFrom('/proc/thread-self/schedstat');
  return own;
}

/** The same from any such file. */
export function waitsFrom(file: string): (() => Micros) | undefined {
  const line = Buffer.alloc(MOST_BYTES);
  let open: number;
  try {
    open = openSync(file, 'r');
  } catch {
    return undefined;
  }
  const waitedMicros = (): Micros => Math.floor(Number(line.toString('latin1', 0, readSync(open, line, 0, MOST_BYTES, 0)).split(' ', 2)[1]) / 1000);
  return Number.isFinite(waitedMicros()) ? waitedMicros : undefined;
}
