import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { MAX_PAYLOAD_BYTES, WireError } from '../../../protos/wire.ts';
import { failureOf, failureOfHttp, shorten } from './grpc-status.ts';
import { MessageBuffer } from './message-buffer.ts';
import type { CallFailure } from './server.ts';

/** Streams that a peer gave up before it looked at them. */
const NOT_TAKEN: ReadonlySet<number> = new Set([constants.NGHTTP2_REFUSED_STREAM, constants.NGHTTP2_INADEQUATE_SECURITY, constants.NGHTTP2_HTTP_1_1_REQUIRED]);

/** Follows one unary call on its stream; `done` is told exactly once: the message, or how the call failed. */
export function followCall(stream: ClientHttp2Stream, done: (result: Buffer | CallFailure) => void): void {
  const answer = new MessageBuffer(MAX_PAYLOAD_BYTES + 5);
  let status: number | undefined;
  let message = '';
  let failure: CallFailure | undefined;
  let over = false;
  const take = (headers: IncomingHttpHeaders): void => {
    const said = headers['grpc-status'];
    if (typeof said === 'string' && /^\d{1,3}$/.test(said)) status = Number(said);
    const text = headers['grpc-message'];
    if (typeof text === 'string') message = text;
  };
  const finish = (): void => {
    if (over) return;
    over = true;
    done(failure ?? resultOf(answer, { status, message, reset: stream.rstCode ?? 0 }));
  };
  stream.on('response', (headers) => {
    take(headers);
    const http = Number(headers[':status']);
    if (http !== 200 && status === undefined) failure = failureOfHttp(http);
  });
  stream.on('data', (chunk: Buffer) => {
    if (failure !== undefined) return;
    try {
      answer.push(chunk);
    } catch (thrown) {
      failure = badAnswer(thrown);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  });
  stream.on('trailers', take);
  // Both come: `end` only where the answer was whole, `close` always.
  stream.on('end', () => {
    if (status !== undefined) finish();
  });
  stream.on('close', finish);
  // How it failed shows at the close.
  stream.on('error', (error: Error) => (failure ??= status === undefined ? { kind: 'gone', code: 'closed', message: error.message } : undefined));
}

function resultOf(answer: MessageBuffer, { status, message, reset }: { status: number | undefined; message: string; reset: number }): Buffer | CallFailure {
  if (status === undefined) {
    const kind = reset === constants.NGHTTP2_NO_ERROR || NOT_TAKEN.has(reset) ? 'gone' : 'refused';
    return { kind, code: 'reset', message: `the answer ended before its status (HTTP/2 code ${reset})` };
  }
  try {
    return failureOf(status, message) ?? answer.message() ?? { kind: 'refused', code: 'bad_answer', message: 'an answer without a message' };
  } catch (thrown) {
    return badAnswer(thrown);
  }
}

/** Bytes that are no answer: the server may still answer the next call. */
export function badAnswer(thrown: unknown): CallFailure {
  if (!(thrown instanceof WireError)) throw thrown;
  return { kind: 'refused', code: 'bad_answer', message: shorten(thrown.message) };
}
