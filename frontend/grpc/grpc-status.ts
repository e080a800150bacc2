import { status } from '@grpc/grpc-js';
import type { Failure } from '../domain/answer.ts';
import { ERRORS } from '../domain/errors.ts';

/** How a call ends that has no answer. */
export interface CallFailure {
  /** Number of the gRPC status. */
  readonly code: number;
  readonly message: string;
}

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(status).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));

/** The status number of a canonical name; `UNKNOWN` for what is none. */
export function statusNumber(name: string): number {
  return NUMBERS.get(name) ?? status.UNKNOWN;
}

/** A refusal of the table as gRPC tells it. */
export function callFailure({ code, message }: Pick<Failure, 'code' | 'message'>): CallFailure {
  return { code: statusNumber(ERRORS[code].grpc), message };
}
