import { constants, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { MessageProgress } from './message-progress.ts';

export const TOO_MUCH_HELD = 'The messages of open calls hold as much memory as they may.';

/**
 * Bounds the memory that the messages of all open calls hold together: those that have not come whole, over all streams of all
 * connections, and those whose call has no answer yet. The library bounds one message, and knows of no other.
 */
export class OpenMessages {
  readonly #mostBytes: number;
  readonly #onRefused: () => void;
  #bytes = 0;

  /** `onRefused`: a call that was not whole is refused. */
  constructor({ mostBytes, onRefused }: { readonly mostBytes: number; readonly onRefused: () => void }) {
    this.#mostBytes = mostBytes;
    this.#onRefused = onRefused;
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** So many more bytes are held, or less; false where that is more than may be. */
  hold(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#mostBytes;
  }

  /**
   * Counts what comes on a stream until it closes: the stream that brings too much is ended, with `RESOURCE_EXHAUSTED`. Of a
   * stream of messages those count that are not whole; of a unary call all that has come, until its caller says that this is all:
   * so long the library keeps it, and nobody else has it yet.
   */
  watch(stream: ServerHttp2Stream, { isUnary }: { readonly isUnary: boolean }): void {
    const progress = new MessageProgress();
    let held = 0;
    let isFirst = true;
    const letGo = (): void => {
      this.hold(-held);
      held = 0;
    };
    stream.on('data', (chunk: Buffer) => {
      // What still comes then is dropped.
      if (stream.closed) return;
      const before = held;
      if (!isUnary) progress.push(chunk);
      held = isUnary ? held + chunk.length : progress.held;
      // Most messages of streams come whole.
      if (held === before) return;
      if (isFirst) stream.once('close', letGo);
      // Before the library's own listener, which hands the call over: it counts for itself then.
      if (isFirst && isUnary) stream.prependOnceListener('end', letGo);
      isFirst = false;
      if (this.hold(held - before) || held < before) return;
      this.#onRefused();
      refuse(stream);
    });
  }
}

/** Where no answer has begun, in words; else by the reset that clients take for the same (gRPC over HTTP/2, "Errors"). */
function refuse(stream: ServerHttp2Stream): void {
  if (stream.headersSent) return stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': status.RESOURCE_EXHAUSTED, 'grpc-message': TOO_MUCH_HELD }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
