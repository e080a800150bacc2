import { writeSync } from 'node:fs';

/** All bytes: one call writes fewer where the disk is about to be full, and says so only at the next. */
export function writeAll(file: number, bytes: Uint8Array, write: (file: number, bytes: Uint8Array) => number = writeSync): void {
  for (let done = 0; done < bytes.length;) done += write(file, bytes.subarray(done));
}
