import { readInferRequest, streamPrefix, writeStreamError } from '../../../protos/oip-infer.ts';
import { WireError } from '../../../protos/wire.ts';
import type { Clock } from '../../domain/clock.ts';
import type { InferCall, InferParts } from '../../protocols/oip/infer-call.ts';
import { OrderedAnswers, type AnswerPlace } from '../ordered-answers.ts';
import type { StreamCall } from '../stream-call.ts';
import { answerMessage, infer } from './infer.ts';

/** Requests of one stream that wait for their answers; past them no more is read. */
const MOST_OPEN = 256;

/** Every answer is the only one, and so the last, of its request: clients that know models with many look for this word of Triton's. */
const FINAL = Object.freeze({ triton_final_response: true });

/**
 * `ModelStreamInfer`: each message is a request by itself. Answers come in the order of the requests, as Triton's do: ids are
 * optional, and without them nothing else says whose an answer is. What is refused is said in an `error_message`, and the stream
 * goes on: clients wait for ever on one that ends with an error status.
 */
export function inferStream(parts: InferParts, clock: Clock, call: StreamCall): void {
  const open = new Set<InferCall>();
  const answers = new OrderedAnswers(call);
  let ending = false;
  let taken = true;
  const endIfDone = (): void => {
    if (ending && answers.open === 0) call.end();
  };
  const flow = (): void => {
    if (taken && answers.open < MOST_OPEN) call.resume();
    else call.pause();
  };
  const give = (place: AnswerPlace, message: Buffer): void => {
    taken = answers.give(place, message) && taken;
    flow();
    endIfDone();
  };
  const ask = (message: Buffer): void => {
    const arrivedAtMicros = clock.arrived();
    const place = answers.place();
    let id = '';
    try {
      const request = readInferRequest(message);
      ({ id } = request);
      const running = infer(parts, request, {
        head: call, arrivedAtMicros,
        answered: (answer) => give(place, answerMessage(answer, id, streamPrefix, FINAL)),
        refused: (failure) => give(place, writeStreamError(failure.message, id)),
      }, message);
      if (running === undefined) return;
      for (const other of open) if (other.over) open.delete(other);
      open.add(running);
    } catch (fault) {
      if (!(fault instanceof WireError)) throw fault;
      parts.refused.add('malformed_request');
      give(place, writeStreamError(fault.message, id));
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
