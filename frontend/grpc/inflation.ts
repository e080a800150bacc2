import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { TOO_MUCH_HELD, type OpenMessages } from './open-messages.ts';

/** What the library keeps to itself of a call: how its messages are packed, and who unpacks one, its prefix included. */
interface Unpacking {
  readonly incomingEncoding: string;
  decompressMessage(message: Buffer, encoding: string): Promise<Buffer>;
}

/** The codings that the library takes, too. */
const INFLATERS: ReadonlyMap<string, () => Gunzip | Inflate> = new Map<string, () => Gunzip | Inflate>([['gzip', createGunzip], ['deflate', createInflate]]);
const PREFIX_BYTES = 5;

export interface InflationBounds {
  readonly messages: Pick<OpenMessages, 'hold'>;
  /** The longest message, inflated. */
  readonly messageBytes: number;
  /** A call is refused because all together hold too much. */
  readonly onRefused: () => void;
}

/**
 * Counts what the messages of packed calls come to, from the first byte on until somebody else has them: a few kilobytes of
 * each of a thousand calls would else be the longest message a thousand times. The library (pinned to the digit) inflates by
 * itself, bounds one message and knows of no other; in calls that say they are packed its way is replaced.
 */
export function countedInflation(bounds: InflationBounds): ServerInterceptor {
  return ({ requestStream }, call) => {
    const inside = call as unknown as Unpacking;
    const make = INFLATERS.get(inside.incomingEncoding);
    if (make === undefined) return call as ServerInterceptingCall;
    const inflation = new Inflation(bounds);
    inside.decompressMessage = (message, encoding) => {
      const bytes = message.subarray(PREFIX_BYTES);
      return encoding === 'identity' ? inflation.asItIs(bytes) : inflation.inflate(bytes, make());
    };
    return new ServerInterceptingCall(call, { start: (next) => next({
      onReceiveMessage: (message: Buffer, give) => {
        if (requestStream) inflation.given(message.length);
        give(message);
      },
      // So long the library keeps the message of a unary call, and hands it over then.
      onReceiveHalfClose: (give) => {
        if (!requestStream) inflation.given();
        give();
      },
      onCancel: () => inflation.end(),
    }) });
  };
}

/** The messages of one call. */
class Inflation {
  readonly #bounds: InflationBounds;
  readonly #running = new Set<Gunzip | Inflate>();
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

  /** Rejects with a status of gRPC. */
  inflate(packed: Buffer, inflater: Gunzip | Inflate): Promise<Buffer> {
    const { messages, messageBytes, onRefused } = this.#bounds;
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const fail = (code: number, details: string): void => {
        reject(Object.assign(new Error(details), { code, details }));
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
