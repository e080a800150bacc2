import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { INFLATERS, Inflation, type InflationBounds } from './inflation.ts';
import { PREFIX_BYTES } from './message-frame.ts';

/** What the library keeps to itself of a call: how its messages are packed, and who unpacks one, its prefix included. */
interface Unpacking {
  readonly incomingEncoding: string;
  decompressMessage(message: Buffer, encoding: string): Promise<Buffer>;
}

/**
 * Counts what the messages of packed streams come to. The library (pinned to the digit) inflates by itself, bounds one message
 * and knows of no other; in calls that say they are packed its way is replaced.
 */
export function countedInflation(bounds: InflationBounds): ServerInterceptor {
  return (_method, call) => {
    const inside = call as unknown as Unpacking;
    const make = INFLATERS.get(inside.incomingEncoding);
    if (make === undefined) return call as ServerInterceptingCall;
    const inflation = new Inflation(bounds);
    inside.decompressMessage = (message, encoding) => {
      const bytes = message.subarray(PREFIX_BYTES);
      return encoding === 'identity' ? inflation.asItIs(bytes) : inflation.inflate(bytes, make()).then(orReject);
    };
    return new ServerInterceptingCall(call, { start: (next) => next({
      onReceiveMessage: (message: Buffer, give) => {
        inflation.given(message.length);
        give(message);
      },
      onCancel: () => inflation.end(),
    }) });
  };
}

/** As the library wants to be told of a call that ends. */
function orReject(told: Awaited<ReturnType<Inflation['inflate']>>): Buffer {
  if (Buffer.isBuffer(told)) return told;
  throw Object.assign(new Error(told.message), { code: told.code, details: told.message });
}
