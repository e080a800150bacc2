import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerCoding, compressed } from '../compression.ts';
import { httpStatusOf, type TfsRefusal } from '../../protocols/tfs/refusal.ts';

const JSON_TYPE = 'application/json';
/** So much of an unread body is read and thrown away to keep a connection. */
const MAX_DISCARDED_BYTES = 256 * 1024;
const RETRY_AFTER_MS = 1000;

export interface ReplyTarget {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Headers that every answer carries, names and values in turn. */
  readonly headers: readonly string[];
}

/** Writes a whole answer, compressed where the client takes that and it is worth it. */
export function writeReply(target: ReplyTarget, body: string, facts: readonly (readonly [string, string])[] = []): void {
  const coding = answerCoding(text(target.request.headers['accept-encoding']));
  const all = [...target.headers];
  for (const [name, value] of facts) all.push(name, value);
  if (coding === undefined) return write(target, body, all);
  void compressed(body, coding).then(
    (bytes) => (bytes === undefined ? write(target, body, all) : write(target, bytes, [...all, 'content-encoding', coding, 'vary', 'accept-encoding'])),
    () => write(target, body, all),
  );
}

function write({ response }: ReplyTarget, body: string | Buffer, headers: readonly string[]): void {
  if (response.destroyed) return;
  const length = Buffer.byteLength(body);
  response.writeHead(200, ['content-type', JSON_TYPE, 'content-length', String(length), ...headers]);
  // As many bytes as characters: all are ASCII, and need no encoding.
  response.end(body, length === body.length ? 'latin1' : 'utf8');
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Writes `{ "error": "…" }` with the status of the refusal; what is left of a large body ends the connection. */
export function writeRefusal({ request, response, headers }: ReplyTarget, refusal: TfsRefusal, facts: readonly (readonly [string, string])[] = []): void {
  if (response.headersSent || response.destroyed) return;
  const body = `{ "error": ${JSON.stringify(refusal.message)} }`;
  const status = httpStatusOf(refusal);
  const all = ['content-type', JSON_TYPE, 'content-length', String(Buffer.byteLength(body)), ...headers];
  for (const [name, value] of facts) all.push(name, value);
  if (status === 503 || status === 504 || status === 429) all.push('retry-after', String(Math.max(1, Math.ceil((refusal.retryAfterMs ?? RETRY_AFTER_MS) / 1000))));
  if (!request.complete && isLargeOrUnknown(request)) all.push('connection', 'close');
  response.writeHead(status, all);
  response.end(body);
  if (!request.complete) request.resume();
}

function isLargeOrUnknown({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES;
}
