import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import type { CallFailure } from './grpc-status.ts';
import { TOO_MUCH_HELD, type OpenMessages } from './open-messages.ts';

export type Inflater = Gunzip | Inflate;

/** The codings that there are, as the library has them. */
export const INFLATERS: ReadonlyMap<string, () => Inflater> = new Map<string, () => Inflater>([['gzip', createGunzip], ['deflate', createInflate]]);

export interface InflationBounds {
  readonly messages: Pick<OpenMessages, 'hold'>;
  /** The longest message, inflated. */
  readonly messageBytes: number;
  /** A call is refused because all together hold too much. */
  readonly onRefused: () => void;
}

/**
 * Inflates the messages of one call, and counts what they come to, from the first byte on until somebody else has them: a few
 * kilobytes of each of a thousand calls would else be the longest message a thousand times.
 */
export class Inflation {
  readonly #bounds: InflationBounds;
  readonly #running = new Set<Inflater>();
  /** Bytes of messages that are inflated, and that nobody was given yet. */
  #whole = 0;

  constructor(bounds: InflationBounds) {
    this.#bounds = bounds;
  }

  async asItIs(message: Buffer): Promise<Buffer> {
    this.#whole += message.length;
    this.#bounds.messages.hold(message.length);
    return message;
  }

  /** The message, or how its call ends; never rejects. */
  inflate(packed: Buffer, inflater: Inflater): Promise<Buffer | CallFailure> {
    const { messages, messageBytes, onRefused } = this.#bounds;
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const fail = (code: number, message: string): void => {
        resolve({ code, message });
        inflater.destroy();
      };
      this.#running.add(inflater);
      inflater.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        const hasRoom = messages.hold(part.length);
        if (bytes > messageBytes) return fail(status.RESOURCE_EXHAUSTED, `Received message that decompresses to a size larger than ${messageBytes}`);
        if (hasRoom) return;
        onRefused();
        fail(status.RESOURCE_EXHAUSTED, TOO_MUCH_HELD);
      });
      inflater.on('end', () => {
        this.#whole += bytes;
        bytes = 0;
        resolve(Buffer.concat(parts));
      });
      inflater.on('error', () => fail(status.INTERNAL, 'Failed to decompress message'));
      inflater.on('close', () => {
        this.#running.delete(inflater);
        messages.hold(-bytes);
        fail(status.CANCELLED, 'The caller has gone');
      });
      inflater.end(packed);
    });
  }

  /** So many bytes of them, all unless said, are somebody else's from now on. */
  given(bytes = this.#whole): void {
    this.#whole -= bytes;
    this.#bounds.messages.hold(-bytes);
  }

  /** The call is over: what is not whole is not wanted any more. */
  end(): void {
    this.given();
    for (const inflater of this.#running) inflater.destroy();
  }
}
