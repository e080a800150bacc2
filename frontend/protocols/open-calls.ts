import type { Answer } from '../domain/answer.ts';
import { ERRORS } from '../domain/errors.ts';
import type { AnswerSink } from '../domain/ports.ts';
import type { SlabPool } from '../domain/slabs.ts';

/** Who waits for the answer to one query. */
export interface Caller {
  /**
   * Once, possibly before `submit` returns. Tensors in it may be read only until it returns: their slabs are then given back. Where
   * it throws, it is called once more, with a failure.
   */
  answered(answer: Answer): void;
}

/**
 * The table of queries that came through the doors of foreign protocols, whatever the door: slots for them, and for each
 * answer whom it is for. Bounded; a slot is used anew as soon as it is answered or let go.
 */
export class OpenCalls implements AnswerSink {
  readonly #first: number;
  readonly #most: number;
  readonly #slabs: SlabPool;
  readonly #onFault: (fault: unknown) => void;
  readonly #callers: (Caller | undefined)[] = [];
  readonly #free: number[] = [];

  /** Slots are `first` to `first + most - 1`. */
  constructor({ first, most, slabs, onFault }: { first: number; most: number; slabs: SlabPool; onFault: (fault: unknown) => void }) {
    this.#first = first;
    this.#most = most;
    this.#slabs = slabs;
    this.#onFault = onFault;
  }

  get open(): number {
    return this.#callers.length - this.#free.length;
  }

  /** Whether an answer with this slot is one of these. */
  has(slot: number): boolean {
    return slot >= this.#first;
  }

  /** A slot for one query; undefined where as many wait as may: the door then refuses with `overloaded`. */
  begin(caller: Caller): number | undefined {
    let at = this.#free.pop();
    if (at === undefined) {
      if (this.#callers.length >= this.#most) return undefined;
      at = this.#callers.length;
    }
    this.#callers[at] = caller;
    return this.#first + at;
  }

  /** Nobody waits any more: the road has been told by `cancel`, or never got the query. */
  letGo(slot: number): void {
    const at = slot - this.#first;
    if (this.#callers[at] === undefined) return;
    this.#callers[at] = undefined;
    this.#free.push(at);
  }

  answer(answer: Answer): void {
    const caller = this.#callers[answer.slot - this.#first];
    if (caller === undefined) throw new Error(`answer for slot ${answer.slot}, for which nobody waits`);
    this.letGo(answer.slot);
    try {
      caller.answered(answer);
    } catch (fault) {
      // What is wrong with one answer must not reach the road, which has others to give.
      this.#onFault(fault);
      caller.answered({ slot: answer.slot, latencyMicros: answer.latencyMicros, ok: false, failure: { code: 'internal', message: ERRORS.internal.message } });
    } finally {
      if (answer.ok) this.#release(answer);
    }
  }

  #release({ rows }: Extract<Answer, { ok: true }>): void {
    for (const { output } of rows) if (output.kind === 'tensors') for (const { slab } of output.tensors) this.#slabs.release(slab);
  }
}

/** Gives every answer to the door whose slot it has: the native one's begin at 0, and end where those of `calls` begin. */
export function answerRouter(native: AnswerSink, calls: OpenCalls): AnswerSink {
  return { answer: (answer) => (calls.has(answer.slot) ? calls : native).answer(answer) };
}
