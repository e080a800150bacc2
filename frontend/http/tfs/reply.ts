import { httpStatusOf, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { errorHead, type ErrorReply } from '../error-reply.ts';
import { answerCompressed } from '../exchange/answer-compressed.ts';
import type { Exchange, Reply } from '../exchange/exchange.ts';

const RETRY_AFTER_MS = 1000;

/** What is said of an answer in its headers: names and values. */
export type Facts = readonly (readonly [name: string, value: string])[];

/** Writes a whole answer, compressed where the client takes that and it is worth it. `last`: the connection ends behind it. */
export function writeReply(exchange: Exchange, body: string, { facts = [], last }: { facts?: Facts; last: boolean }): void {
  answerCompressed(exchange, { status: 200, headers: headersOf(exchange, facts), body, last });
}

/** The refusal of a request that no route has had, as one of a request that has been read. */
export const gateRefusal: ErrorReply = (refusal, requestId, last) => {
  const body = errorText(refusal.message);
  return { ...errorHead(refusal, body, requestId), status: httpStatusOf(refusal), body, bodyBytes: Buffer.byteLength(body), last };
};

/** `{ "error": "…" }` with the status of the refusal. Never compressed. */
export function refusalReply(exchange: Exchange, refusal: TfsRefusal, { facts = [], last }: { facts?: Facts; last: boolean }): Reply {
  const body = errorText(refusal.message);
  const bodyBytes = Buffer.byteLength(body);
  const status = httpStatusOf(refusal);
  const headers = ['content-length', String(bodyBytes), ...headersOf(exchange, facts)];
  if (status === 503 || status === 504 || status === 429) headers.push('retry-after', String(Math.max(1, Math.ceil((refusal.retryAfterMs ?? RETRY_AFTER_MS) / 1000))));
  return { status, headers, body, bodyBytes, last };
}

function headersOf({ requestId }: Exchange, facts: Facts): string[] {
  const headers = ['content-type', 'application/json', 'x-request-id', requestId];
  for (const [name, value] of facts) headers.push(name, value);
  return headers;
}

function errorText(message: string): string {
  return `{ "error": ${JSON.stringify(message)} }`;
}
