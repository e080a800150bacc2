import type { Failure } from '../domain/answer.ts';
import { ERRORS } from '../domain/errors.ts';
import type { Reply } from './exchange/exchange.ts';

/** A refusal as the native API tells it. */
export interface Refusal extends Failure {
  /** More for the caller, such as every fault of a configuration. */
  readonly details?: readonly unknown[];
  /** The receipt, where a decision had been taken. */
  readonly decisionId?: string;
  /** Methods that the route does take: the `Allow` header. */
  readonly allow?: readonly string[];
}

/** When a retry is worth it, where nobody knows better. */
const RETRY_AFTER_MS = 1000;

/** `{"error": {"code", "message", "retryable", "path"?, "request_id"?, "decision_id"?, "retry_after_ms"?, "details"?}}` */
export function errorBody(refusal: Refusal, requestId?: string): string {
  const { code, message, path, details, decisionId } = refusal;
  return JSON.stringify({
    error: { code, message, retryable: ERRORS[code].retryable, path, request_id: requestId, decision_id: decisionId, retry_after_ms: retryAfterMs(refusal), details },
  });
}

/** Status from the table of errors, and the headers that go with it, as `writeHead` takes them. */
export function errorHead(refusal: Refusal, body: string, requestId?: string): { status: number; headers: string[] } {
  const headers = ['content-type', 'application/json; charset=utf-8', 'content-length', String(Buffer.byteLength(body))];
  if (requestId !== undefined) headers.push('x-request-id', requestId);
  const retryMs = retryAfterMs(refusal);
  if (retryMs !== undefined) headers.push('retry-after', String(Math.max(1, Math.ceil(retryMs / 1000))));
  if (refusal.allow !== undefined) headers.push('allow', refusal.allow.join(', '));
  // RFC 9110, section 15.5.2: a 401 says how to do better.
  if (refusal.code === 'unauthenticated') headers.push('www-authenticate', 'Bearer realm="tradewind"');
  return { status: ERRORS[refusal.code].http, headers };
}

/** How a protocol tells a refusal, as one answer. `last`: the connection ends behind it. */
export type ErrorReply = (refusal: Refusal, requestId: string, last: boolean) => Reply;

/** As the native API tells it. */
export function errorReply(refusal: Refusal, requestId: string, last: boolean): Reply {
  const body = errorBody(refusal, requestId);
  return { ...errorHead(refusal, body, requestId), body, bodyBytes: Buffer.byteLength(body), last };
}

function retryAfterMs({ code, retryAfterMs: known }: Refusal): number | undefined {
  if (known !== undefined) return Math.max(0, Math.ceil(known));
  const { http, retryable } = ERRORS[code];
  return retryable && (http === 503 || http === 504) ? RETRY_AFTER_MS : undefined;
}
