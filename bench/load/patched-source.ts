import { encodeRequest, type RequestParts } from './http-request.ts';
import type { RequestSource } from './request-source.ts';

/**
 * One request with some of its bytes changed every time, so that no two are the same and none costs more than a few
 * stores. Wherever the body holds `mark`, a run of one character such as `########`, the sequence number stands, in
 * decimal, padded with zeros to the run's length (`0.5########` → `0.500000042`), low digits kept where it is too long.
 */
export interface PatchedOptions {
  readonly request: RequestParts;
  /** The character that is replaced; `#` unless said. */
  readonly mark?: string;
}

interface Run {
  readonly start: number;
  readonly length: number;
}

export function createSource(options: unknown): RequestSource {
  const { request, mark = '#' } = options as PatchedOptions;
  const { bytes, bodyAt } = encodeRequest(request);
  const runs = findRuns(bytes, bodyAt, mark.charCodeAt(0));
  if (runs.length === 0) throw new RangeError(`the body has no run of ${mark} to put numbers into`);
  return {
    next(sequence) {
      for (const run of runs) writeDigits(bytes, run, sequence);
      return bytes;
    },
  };
}

function findRuns(bytes: Uint8Array, from: number, mark: number): Run[] {
  const runs: Run[] = [];
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== mark) continue;
    const start = at;
    while (bytes[at] === mark) at++;
    runs.push({ start, length: at - start });
  }
  return runs;
}

function writeDigits(bytes: Uint8Array, run: Run, value: number): void {
  let rest = value;
  for (let at = run.start + run.length - 1; at >= run.start; at--) {
    const high = Math.floor(rest / 10);
    bytes[at] = 48 + rest - high * 10;
    rest = high;
  }
}
