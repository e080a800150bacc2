import { ERRORS } from '../../domain/errors.ts';
import { errorHead, type Refusal } from '../error-reply.ts';

/** A refusal in the protocol's shape, `{"error": "…"}`: status and headers as `writeHead` takes them. Never compressed. */
export function oipError(refusal: Refusal, requestId: string): { readonly status: number; readonly headers: string[]; readonly body: string } {
  const body = JSON.stringify({ error: refusal.message === '' ? ERRORS[refusal.code].message : refusal.message });
  const head = errorHead(refusal, body, requestId);
  if (refusal.decisionId !== undefined) head.headers.push('tradewind-decision-id', refusal.decisionId);
  return { ...head, body };
}
