import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Ends a stream whose whole answer was given in this turn, whatever the caller would still send: in the next turn, when the
 * answer is with the socket. Node 26 resets a stream at once, and drops an answer that it has not written yet.
 */
export function closeAnswered(stream: ServerHttp2Stream): void {
  setImmediate(() => {
    if (!stream.closed && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}
