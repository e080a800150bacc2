import { EventEmitter } from 'node:events';
import { Metadata, type ServerUnaryCall } from '@grpc/grpc-js';
import { UnaryCall } from '../../frontend/grpc/unary-call.ts';

/** What became of a call. */
export interface CallOutcome {
  code?: number;
  message?: string;
  answer?: Buffer;
  trailers?: Readonly<Record<string, unknown>>;
}

/** A call as the gRPC door gives it to a service, and what becomes of it. */
export function unaryCall(message: Uint8Array | readonly number[], { headers = {}, deadline = Number.POSITIVE_INFINITY }: { readonly headers?: Readonly<Record<string, string>>; readonly deadline?: number } = {}): { readonly call: UnaryCall; readonly outcome: CallOutcome; readonly leave: () => void } {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const raw = Object.assign(new EventEmitter(), { request: Buffer.from(message), metadata, getDeadline: () => deadline });
  const outcome: CallOutcome = {};
  const call = new UnaryCall(raw as unknown as ServerUnaryCall<Buffer, Buffer>, (error, answer, trailers) => {
    if (error !== null && 'code' in error) Object.assign(outcome, { code: error.code, message: error.details });
    else if (answer !== null && answer !== undefined) outcome.answer = answer;
    outcome.trailers = (trailers ?? error?.metadata)?.getMap() ?? {};
  }, { arrivedAtMicros: 1000, onEnd: () => undefined });
  return { call, outcome, leave: () => raw.emit('cancelled') };
}
