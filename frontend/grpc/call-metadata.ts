import { Metadata } from '@grpc/grpc-js';

/** What a caller said beside its messages. */
export interface CallHead {
  /** Text of a metadata key, in lower case; the first where it was given twice; undefined for binary ones (`…-bin`). */
  header(name: string): string | undefined;
  /** Microseconds that the caller will still wait, counted from `arrivedAtMicros`; Infinity where it set no deadline. */
  readonly patienceMicros: number;
}

/** Names and values that go out beside a message, as gRPC's library wants them. Values hold printable ASCII only. */
export function metadataOf(pairs: readonly (readonly [name: string, value: string])[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of pairs) metadata.set(name, value);
  return metadata;
}

export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [first] = metadata.get(name);
  return typeof first === 'string' ? first : undefined;
}

/** From a deadline as the library has it, milliseconds of the epoch. */
export function patienceOf(deadline: Date | number): number {
  const atMs = Number(deadline);
  return Number.isFinite(atMs) ? Math.max(0, (atMs - Date.now()) * 1000) : Number.POSITIVE_INFINITY;
}
