import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../domain/clock.ts';
import { type AnswersHost, ConnectionAnswers, StreamAnswers } from './connection-answers.ts';

export const TOO_MUCH_UNREAD = 'The connection leaves more answers unread than it may.';

/** Of what all may leave unread, what one connection may. */
const SHARE = 1 / 4;
const LONGEST_LOOK_MS = 1000;
/** A caller may take the longer the more it has to read, but who reads slower than this has stalled. */
const LEAST_BYTES_PER_MS = 64;

/** Why answers were dropped. */
export type UnreadWhy = 'connection_full' | 'door_full' | 'stalled';

export interface UnreadOptions {
  readonly clock: Clock;
  /** What all connections together may leave unread. */
  readonly mostBytes: number;
  /** How long nothing may move. */
  readonly stallMs: number;
  readonly onDropped: (why: UnreadWhy) => void;
}

/** Where a session keeps its answers. */
const ANSWERS = Symbol('answers');
interface Carrier extends Http2Session {
  [ANSWERS]?: ConnectionAnswers;
}

/**
 * Bounds what callers do not read. HTTP/2 lets a client open calls and take no byte of their answers, and the library holds all
 * of them for as long as it likes. One connection may leave so much unread, and what is too much is refused; where all together
 * leave too much, the connection that leaves most is ended; a stream on which nothing moves for too long is reset.
 */
export class UnreadAnswers {
  readonly #clock: Clock;
  readonly #mostBytes: number;
  readonly #stallLooks: number;
  readonly #lookMs: number;
  readonly #onDropped: (why: UnreadWhy) => void;
  readonly #host: AnswersHost;
  readonly #waiting: ConnectionAnswers[] = [];
  #bytes = 0;
  #looks = 0;
  #takeBackLook: (() => void) | undefined;

  constructor({ clock, mostBytes, stallMs, onDropped }: UnreadOptions) {
    this.#clock = clock;
    this.#mostBytes = mostBytes;
    this.#onDropped = onDropped;
    this.#lookMs = Math.min(LONGEST_LOOK_MS, stallMs / 4);
    this.#stallLooks = Math.ceil(stallMs / this.#lookMs);
    this.#host = {
      mostBytes: Math.ceil(mostBytes * SHARE),
      looks: () => this.#looks,
      moved: (bytes) => this.#move(bytes),
      waits: (connection) => this.#put(connection),
      waitsNoMore: (connection) => this.#drop(connection),
      onFull: () => onDropped('connection_full'),
    };
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Those of a stream on which an answer is about to go out; undefined where its connection has gone. */
  of(stream: ServerHttp2Stream): StreamAnswers | undefined {
    const session: Carrier | undefined = stream.session;
    if (session === undefined || session.destroyed) return undefined;
    return new StreamAnswers(stream, session[ANSWERS] ??= new ConnectionAnswers(session, this.#host));
  }

  /** Looks no more. */
  close(): void {
    this.#takeBackLook?.();
    this.#takeBackLook = undefined;
  }

  #move(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0 && this.#bytes - bytes >= this.#mostBytes) this.#cutWorst();
  }

  /** Whoever reads holds next to nothing. */
  #cutWorst(): void {
    let [worst] = this.#waiting;
    for (const each of this.#waiting) if (each.bytes > (worst?.bytes ?? 0)) worst = each;
    if (worst === undefined) return;
    this.#onDropped('door_full');
    worst.cut();
  }

  #put(connection: ConnectionAnswers): void {
    connection.place = this.#waiting.push(connection) - 1;
    this.#takeBackLook ??= this.#lookLater();
  }

  #drop(connection: ConnectionAnswers): void {
    const last = this.#waiting.pop();
    if (last === undefined || last === connection) return;
    this.#waiting[connection.place] = last;
    last.place = connection.place;
  }

  /** Only while answers wait: an idle door has no timer. */
  #lookLater(): () => void {
    return this.#clock.wakeAt(this.#clock.now() + Math.ceil(this.#lookMs * 1000), () => {
      this.#looks++;
      this.#takeBackLook = this.#waiting.length > 0 ? this.#lookLater() : undefined;
      for (const connection of [...this.#waiting]) connection.look((answers) => this.#isStalled(answers));
    });
  }

  #isStalled({ movedAt, unreadBytes }: StreamAnswers): boolean {
    if (unreadBytes === 0 || this.#looks - movedAt <= this.#stallLooks + unreadBytes / (LEAST_BYTES_PER_MS * this.#lookMs)) return false;
    this.#onDropped('stalled');
    return true;
  }
}
