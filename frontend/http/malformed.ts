import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../domain/errors.ts';
import { ERRORS } from '../domain/errors.ts';
import type { Refusal } from './error-reply.ts';
import type { Connection } from './exchange/exchange.ts';
import type { Refusals } from './refusals.ts';

/**
 * Answers a connection whose bytes are not (or not in time) HTTP, in its turn: requests that came whole before it get
 * their answers first. Then the connection ends; no other notices.
 */
export function answerMalformed(connection: Connection, error: Error & { code?: string; rawPacket?: unknown }, requestId: string, refusals: Refusals): void {
  if (connection.failed) return;
  const code = codeOf(error);
  if (code !== undefined) return answerCut(connection, code, requestId, refusals, targetOf(error.rawPacket));
  connection.failed = true;
  connection.socket.destroy();
}

/** The same, where it is known what went wrong. `target`: what the request asks for that has not become one, as far as it says. */
export function answerCut(connection: Connection, code: ErrorCode, requestId: string, refusals: Refusals, target = ''): void {
  const { socket, latest } = connection;
  if (connection.failed) return;
  connection.failed = true;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = { code, message: ERRORS[code].message };
  const last = () => endWith(socket, refusal, requestId, refusals, target);
  if (latest === undefined || (latest.whole && latest.written)) {
    last();
  } else if (latest.whole) {
    latest.whenWritten(last);
  } else if (latest.answered) {
    // It was refused before its body came, and then the body went wrong: there is nothing more to say, but perhaps to those before it.
    const end = (): void => socket.destroySoon();
    if (latest.written) end();
    else latest.whenWritten(end);
  } else {
    connection.open.find(({ exchange }) => exchange === latest)?.leave();
    refusals.refuse(latest, refusal, true);
  }
}

const MOST_TARGET_BYTES = 1024;

/** The target of the request that these bytes begin; the empty text where they do not say it. */
function targetOf(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) return '';
  return /^[A-Z]+ (\S+)/u.exec(Buffer.from(bytes.subarray(0, MOST_TARGET_BYTES)).toString('latin1'))?.[1] ?? '';
}

/** Undefined where there is nobody left to answer. */
function codeOf({ code = '' }: { code?: string }): ErrorCode | undefined {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': return 'headers_too_large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW': return 'body_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT': return 'request_timeout';
    default: return code.startsWith('HPE_') ? 'malformed_request' : undefined;
  }
}

/** Gives a connection its last answer when there is no request, as node:http knows them, to answer. */
export function endWith(socket: Socket, refusal: Refusal, requestId: string, refusals: Refusals, target = ''): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  refusals.count(refusal.code);
  const { status, headers, body } = refusals.reply(target, refusal, requestId, true);
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: close\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  socket.end(`${head}\r\n${body.toString()}`);
  refusals.linger(socket);
}
