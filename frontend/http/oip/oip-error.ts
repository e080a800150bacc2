import { ERRORS } from '../../domain/errors.ts';
import { errorHead, type Refusal } from '../error-reply.ts';
import type { Reply } from '../exchange/exchange.ts';

/** A refusal in the protocol's shape, `{"error": "…"}`: status and headers as `writeHead` takes them. Never compressed. */
export function oipError(refusal: Refusal, requestId: string): { readonly status: number; readonly headers: string[]; readonly body: string } {
  const body = JSON.stringify({ error: refusal.message === '' ? ERRORS[refusal.code].message : refusal.message });
  const head = errorHead(refusal, body, requestId);
  if (refusal.decisionId !== undefined) head.headers.push('tradewind-decision-id', refusal.decisionId);
  return { ...head, body };
}

/** The same as a whole answer; `last`: the connection ends behind it. */
export function oipRefusal(refusal: Refusal, requestId: string, last: boolean): Reply {
  const reply = oipError(refusal, requestId);
  return { ...reply, bodyBytes: Buffer.byteLength(reply.body), last };
}
