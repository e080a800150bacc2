import { answerBinary } from './answer-binary.ts';
import { answerJson, type Given } from './answer-json.ts';
import { errorReply, type Refusal } from './error-reply.ts';
import type { Exchange } from './exchange/exchange.ts';
import { jsonRefusal, tensorBytes } from './json-bound.ts';

export const BINARY_TYPE = 'application/octet-stream';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Where an answer goes, and in which form. */
export interface AnswerTarget {
  readonly exchange: Exchange;
  readonly wantsBinary: boolean;
}

/**
 * Writes a whole answer, or says why it is not: JSON holds at most `maxJsonBytes` of tensors. Slabs are read only before this
 * returns. `last`: the connection is to be closed.
 */
export function writeAnswer({ exchange, wantsBinary }: AnswerTarget, answer: Given, many: boolean, { last, maxJsonBytes }: { last: boolean; maxJsonBytes: number }): Refusal | undefined {
  const binary = wantsBinary ? answerBinary(answer, many) : undefined;
  const refusal = binary === undefined ? jsonRefusal(tensorBytes(answer.rows), maxJsonBytes, `"Accept: ${BINARY_TYPE}" has no such bound, where there is one output.`) : undefined;
  if (refusal !== undefined) return answer.decisionId === undefined ? refusal : { ...refusal, decisionId: answer.decisionId };
  const body = binary?.bytes ?? answerJson(answer, many);
  const bodyBytes = Buffer.byteLength(body);
  const headers = ['content-type', binary === undefined ? JSON_TYPE : BINARY_TYPE, 'content-length', String(bodyBytes), 'x-request-id', exchange.requestId];
  if (binary !== undefined) headers.push(...binary.headers);
  exchange.answer({ status: 200, headers, body, bodyBytes, last });
  return undefined;
}

/** Writes what a query that got no answer came to. */
export function writeFailure({ exchange }: AnswerTarget, failure: Refusal, last: boolean): void {
  exchange.answer(errorReply(failure, exchange.requestId, last));
}
