import type { IncomingHttpHeaders } from 'node:http2';
import type { Metadata } from '@grpc/grpc-js';

/** What a caller said beside its messages. */
export interface CallHead {
  /** Text of a metadata key, in lower case; undefined for binary ones (`…-bin`). What was given twice stands together, with a comma between. */
  header(name: string): string | undefined;
  /** Microseconds that the caller will still wait, counted from `arrivedAtMicros`; Infinity where it set no deadline. */
  readonly patienceMicros: number;
}

export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [first] = metadata.get(name);
  return typeof first === 'string' ? first : undefined;
}

/** The same from the headers of HTTP/2. Text is printable ASCII, as the library has it. */
export function textHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && /^[ -~]*$/.test(value) && !name.endsWith('-bin') ? value : undefined;
}

/** From a deadline as the library has it, milliseconds of the epoch. */
export function patienceOf(deadline: Date | number): number {
  const atMs = Number(deadline);
  return Number.isFinite(atMs) ? Math.max(0, (atMs - Date.now()) * 1000) : Number.POSITIVE_INFINITY;
}
