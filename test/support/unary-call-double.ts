import type { UnaryCall } from '../../frontend/grpc/unary-call.ts';
import { PREFIX_BYTES } from '../../frontend/grpc/message-frame.ts';

/** What became of a call. */
export interface CallOutcome {
  code?: number;
  message?: string;
  answer?: Buffer;
  trailers?: Readonly<Record<string, unknown>>;
}

interface Given {
  readonly headers?: Readonly<Record<string, string>>;
  readonly patienceMicros?: number;
}

/** A call as the gRPC door gives it to a service, and what becomes of it. */
export function unaryCall(message: Uint8Array | readonly number[], { headers = {}, patienceMicros = Number.POSITIVE_INFINITY }: Given = {}): { readonly call: UnaryCall; readonly outcome: CallOutcome; readonly leave: () => void } {
  const outcome: CallOutcome = {};
  let over = false;
  let gone: (() => void) | undefined;
  const end = (came: CallOutcome): void => {
    if (!over) Object.assign(outcome, came);
    over = true;
  };
  const call: UnaryCall = {
    arrivedAtMicros: 1000, message: Buffer.from(message), patienceMicros,
    header: (name) => headers[name],
    onGone: (then) => { gone = then; },
    answer: (answer, trailers = []) => end({ answer: Buffer.from(answer), trailers: Object.fromEntries(trailers) }),
    answerFramed: (frame) => end({ answer: frame.subarray(PREFIX_BYTES), trailers: {} }),
    fail: ({ code, message: why }, trailers = []) => end({ code, message: why, trailers: Object.fromEntries(trailers) }),
  };
  const leave = (): void => {
    if (!over) gone?.();
    over = true;
  };
  return { call, outcome, leave };
}
