import { readInferRequest, streamPrefix, writeStreamError } from '../../../protos/oip-infer.ts';
import { WireError } from '../../../protos/wire.ts';
import type { Clock } from '../../domain/clock.ts';
import type { InferCall, InferParts } from '../../protocols/oip/infer-call.ts';
import type { StreamCall } from '../stream-call.ts';
import { answerMessage, infer } from './infer.ts';

/** Requests of one stream that wait for their answers; past them no more is read. */
const MOST_OPEN = 256;

/**
 * `ModelStreamInfer`: each message is a request by itself, answered as soon as it can be, not in order (ids tell). What is
 * refused is said in an `error_message`, and the stream goes on: clients wait for ever on one that ends with an error status.
 */
export function inferStream(parts: InferParts, clock: Clock, call: StreamCall): void {
  const open = new Set<InferCall>();
  let ending = false;
  let waits = 0;
  let taken = true;
  const endIfDone = (): void => {
    if (ending && waits === 0) call.end();
  };
  const flow = (): void => {
    if (taken && waits < MOST_OPEN) call.resume();
    else call.pause();
  };
  const give = (message: Buffer): void => {
    waits--;
    taken = call.send(message) && taken;
    flow();
    endIfDone();
  };
  const ask = (message: Buffer): void => {
    const arrivedAtMicros = clock.now();
    waits++;
    let id = '';
    try {
      const request = readInferRequest(message);
      ({ id } = request);
      const running = infer(parts, request, {
        head: call, arrivedAtMicros,
        answered: (answer) => give(answerMessage(answer, id, streamPrefix)),
        refused: (failure) => give(writeStreamError(failure.message, id)),
      }, message);
      if (running === undefined) return;
      for (const other of open) if (other.over) open.delete(other);
      open.add(running);
    } catch (fault) {
      if (!(fault instanceof WireError)) throw fault;
      parts.refused.add('malformed_request');
      give(writeStreamError(fault.message, id));
    }
  };
  call.onDrain(() => {
    taken = true;
    flow();
  });
  call.watch({
    message: (message) => {
      ask(message);
      flow();
    },
    ended: () => {
      ending = true;
      endIfDone();
    },
    gone: () => {
      for (const running of open) running.cancel();
      open.clear();
    },
    drain: () => {
      ending = true;
      endIfDone();
    },
  });
}
