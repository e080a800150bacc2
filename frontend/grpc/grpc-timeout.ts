import type { Micros } from '../domain/clock.ts';

/** Microseconds of each unit (gRPC over HTTP/2, "Timeout"). */
const UNIT_MICROS: Readonly<Record<string, number>> = Object.freeze({ H: 3_600_000_000, M: 60_000_000, S: 1_000_000, m: 1000, u: 1, n: 0.001 });

/** A hundred years: who waits longer waits for ever. */
const MOST_MICROS = 2 ** 52;

/** How long the caller waits, from a `grpc-timeout`; undefined where it is none. As forgiving as the library is of what stands around it. */
export function readGrpcTimeout(text: string): Micros | undefined {
  const [, value, unit = ''] = /(\d{1,8})\s*([HMSmun])/.exec(text) ?? [];
  const micros = UNIT_MICROS[unit];
  return value === undefined || micros === undefined ? undefined : Math.min(Math.floor(Number(value) * micros), MOST_MICROS);
}
