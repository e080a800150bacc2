import type { ServerResponse } from 'node:http';
import { answerBinary } from './answer-binary.ts';
import { answerJson, type Given } from './answer-json.ts';
import { errorBody, errorHead, type Refusal } from './error-reply.ts';

export const BINARY_TYPE = 'application/octet-stream';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Where an answer goes, and in which form. */
export interface AnswerTarget {
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly wantsBinary: boolean;
}

/** Writes a whole answer; its slabs are read only before this returns. `last`: the connection is to be closed. */
export function writeAnswer({ response, requestId, wantsBinary }: AnswerTarget, answer: Given, many: boolean, last: boolean): void {
  const binary = wantsBinary ? answerBinary(answer, many) : undefined;
  const body = binary?.bytes ?? answerJson(answer, many);
  const length = Buffer.byteLength(body);
  const headers = ['content-type', binary === undefined ? JSON_TYPE : BINARY_TYPE, 'content-length', String(length), 'x-request-id', requestId];
  if (binary !== undefined) headers.push(...binary.headers);
  if (last) headers.push('connection', 'close');
  response.writeHead(200, headers);
  // As many bytes as characters: all are ASCII, and need no encoding.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}

/** Writes what a query that got no answer came to. */
export function writeFailure({ response, requestId }: AnswerTarget, failure: Refusal, last: boolean): void {
  const body = errorBody(failure, requestId);
  const { status, headers } = errorHead(failure, body, requestId);
  if (last) headers.push('connection', 'close');
  response.writeHead(status, headers);
  response.end(body);
}
