import type { CallFailure } from './server.ts';

/** The canonical statuses by number (grpc/grpc, doc/statuscodes.md). */
const STATUSES = Object.freeze([
  'ok', 'cancelled', 'unknown', 'invalid_argument', 'deadline_exceeded', 'not_found', 'already_exists', 'permission_denied', 'resource_exhausted',
  'failed_precondition', 'aborted', 'out_of_range', 'unimplemented', 'internal', 'unavailable', 'data_loss', 'unauthenticated',
]);
/** After these no batch would fare better: the model or the server is not there, or does not know us. */
const GONE: ReadonlySet<string> = new Set(['unavailable', 'not_found', 'unimplemented', 'unauthenticated', 'permission_denied']);
const MAX_MESSAGE = 500;

/** The end of a call by its status; undefined where that is OK. `message` is percent-encoded, as it comes. */
export function failureOf(status: number, message: string): CallFailure | undefined {
  if (status === 0) return undefined;
  const code = STATUSES[status] ?? 'unknown';
  return { kind: GONE.has(code) ? 'gone' : 'refused', code, message: shorten(`${code.toUpperCase()}: ${decode(message)}`) };
}

/** An HTTP status in place of a gRPC one: a proxy speaks, or no gRPC server. */
export function failureOfHttp(status: number): CallFailure {
  return { kind: 'gone', code: `http_${status}`, message: `HTTP status ${status} in answer to a gRPC call` };
}

/** What others wrote, short enough for a log line. */
export function shorten(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`;
}

function decode(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
