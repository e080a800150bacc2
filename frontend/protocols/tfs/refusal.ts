import type { Failure } from '../../domain/answer.ts';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';

/** Why a request of TensorFlow Serving's API gets no answer: a code of ours, and the text that its clients know. */
export interface TfsRefusal extends Failure {
  /** The gRPC status where TensorFlow Serving gives another one than our table. */
  readonly status?: string;
}

/** HTTP statuses of gRPC statuses, as its REST API has them. */
const HTTP: Readonly<Record<string, number>> = Object.freeze({
  OK: 200, CANCELLED: 499, UNKNOWN: 500, INVALID_ARGUMENT: 400, DEADLINE_EXCEEDED: 504, NOT_FOUND: 404, ALREADY_EXISTS: 409, PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429, FAILED_PRECONDITION: 400, ABORTED: 409, OUT_OF_RANGE: 400, UNIMPLEMENTED: 501, INTERNAL: 500, UNAVAILABLE: 503, DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
});

/** The canonical name of the gRPC status. */
export function statusOf({ code, status }: TfsRefusal): string {
  return status ?? ERRORS[code].grpc;
}

/**
 * The HTTP status. What an accepted query came to (503, 504 …), and a request that is too large, keep the status that they have
 * everywhere here; all else goes by the gRPC status.
 */
export function httpStatusOf(refusal: TfsRefusal): number {
  const { http, miss, grpc } = ERRORS[refusal.code];
  if (refusal.status === undefined && ((miss && http !== 422) || (grpc === 'RESOURCE_EXHAUSTED' && http !== 429))) return http;
  return HTTP[statusOf(refusal)] ?? 500;
}

export function refuse(code: ErrorCode, message: string, status?: string): TfsRefusal {
  return { code, message, ...(status === undefined ? {} : { status }) };
}
