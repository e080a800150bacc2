import type { Socket } from 'node:net';
import type { Reply } from '../exchange/exchange.ts';
import type { LaneExchange, LaneWriter } from './lane-exchange.ts';
import type { ReplyBytes } from './reply-bytes.ts';

export interface TurnsOwner {
  /** An answer went out; behind the `last` one the connection ends, and nothing more is written. */
  wrote(last: boolean): void;
  /** Everything that was asked is answered. */
  caughtUp(): void;
}

/** Writes the answers of one connection in the order of their requests, each in one piece. */
export class Turns implements LaneWriter {
  readonly #socket: Socket;
  readonly #replies: ReplyBytes;
  readonly #owner: TurnsOwner;
  /** Oldest first. */
  readonly #unanswered: LaneExchange[] = [];
  #over = false;
  /** Bytes of answers that wait for those before them. */
  heldBytes = 0;

  constructor(socket: Socket, replies: ReplyBytes, owner: TurnsOwner) {
    this.#socket = socket;
    this.#replies = replies;
    this.#owner = owner;
  }

  /** Requests whose answer is not written yet. */
  get unanswered(): number {
    return this.#unanswered.length;
  }

  /** The next request on the connection. */
  add(exchange: LaneExchange): void {
    this.#unanswered.push(exchange);
  }

  given(exchange: LaneExchange): void {
    this.heldBytes += exchange.reply?.bodyBytes ?? 0;
    if (this.#unanswered[0] === exchange) this.#flush();
  }

  probe(exchange: LaneExchange): void {
    if (this.#unanswered[0] === exchange && !exchange.answered) this.#socket.write('HTTP/1.1 102 Processing\r\n\r\n', 'latin1');
  }

  #flush(): void {
    for (let first = this.#unanswered[0]; first?.reply !== undefined; first = this.#unanswered[0]) {
      if (this.#over || this.#socket.destroyed) return;
      this.#unanswered.shift();
      this.#write(first, first.reply);
    }
    if (this.#unanswered.length === 0 && !this.#over) this.#owner.caughtUp();
  }

  #write(exchange: LaneExchange, reply: Reply): void {
    const socket = this.#socket;
    this.heldBytes -= reply.bodyBytes;
    socket.write(this.#replies.of(reply), 'latin1');
    this.#over = reply.last;
    this.#owner.wrote(reply.last);
    if (exchange.ended !== undefined) {
      socket.end();
      exchange.ended();
    } else if (reply.last) {
      socket.destroySoon();
    }
    exchange.isWritten();
  }
}
