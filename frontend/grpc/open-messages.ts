import { constants, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { closeAnswered } from './close-answered.ts';
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

  /** `onRefused`: a stream that was not whole is refused. */
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
   * Counts what has come of messages that are not whole, on a stream of any number of them, until it closes: the stream that
   * brings too much is ended, with `RESOURCE_EXHAUSTED`.
   */
  watch(stream: ServerHttp2Stream): void {
    const progress = new MessageProgress();
    let held = 0;
    let isFirst = true;
    let isRefused = false;
    stream.on('data', (chunk: Buffer) => {
      // What still comes then is dropped.
      if (isRefused || stream.closed) return;
      const before = held;
      progress.push(chunk);
      ({ held } = progress);
      // Most messages come whole.
      if (held === before) return;
      if (isFirst) stream.once('close', () => this.hold(-held));
      isFirst = false;
      if (this.hold(held - before) || held < before) return;
      isRefused = true;
      this.#onRefused();
      refuse(stream);
    });
  }
}

/** Where no answer has begun, in words; else by the reset that clients take for the same (gRPC over HTTP/2, "Errors"). */
function refuse(stream: ServerHttp2Stream): void {
  if (stream.headersSent) return stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': status.RESOURCE_EXHAUSTED, 'grpc-message': TOO_MUCH_HELD }, { endStream: true });
  closeAnswered(stream);
}
