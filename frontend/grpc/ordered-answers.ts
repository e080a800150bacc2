import type { StreamCall } from './stream-call.ts';

/** Where an answer goes among those of its stream. */
export interface AnswerPlace {
  /** There, and waits for an earlier one. */
  message: Buffer | undefined;
}

/** The answers of one stream, sent in the order of their places, in whatever order they come. */
export class OrderedAnswers {
  readonly #call: StreamCall;
  /** Not sent yet, the first in turn first. */
  readonly #places: AnswerPlace[] = [];

  constructor(call: StreamCall) {
    this.#call = call;
  }

  /** Places whose answers have not been sent. */
  get open(): number {
    return this.#places.length;
  }

  place(): AnswerPlace {
    const place: AnswerPlace = { message: undefined };
    this.#places.push(place);
    return place;
  }

  /** Once a place. False where the caller does not take its answers: `onDrain` of the call then says when it has. */
  give(place: AnswerPlace, message: Buffer): boolean {
    if (place !== this.#places[0]) {
      place.message = message;
      this.#call.hold(message);
      return true;
    }
    this.#places.shift();
    let taken = this.#call.send(message);
    for (let held = this.#places[0]?.message; held !== undefined; held = this.#places[0]?.message) {
      this.#places.shift();
      taken = this.#call.sendHeld(held) && taken;
    }
    return taken;
  }
}
