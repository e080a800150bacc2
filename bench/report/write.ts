import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stamp, type Measured } from './stamp.ts';

/**
 * Writes a stamped result as JSON to a file, or to standard output where the file is `-`. Nothing where there is none. A file
 * that was there is replaced whole: who is cut off while it keeps what it has so far does not lose it.
 */
export function writeResult<Result>(file: string | undefined, measured: Measured<Result>): void {
  if (file === undefined) return;
  const json = `${JSON.stringify(stamp(measured), null, 2)}\n`;
  if (file === '-') process.stdout.write(json);
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, json);
    renameSync(`${file}.part`, file);
  }
}

/** A line of progress; standard output is left to the JSON. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
