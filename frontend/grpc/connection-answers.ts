import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';

/** What the connections of a door share. */
export interface AnswersHost {
  /** Most bytes of one connection. A single answer may be longer. */
  readonly mostBytes: number;
  /** Looks that there have been: their clock. */
  readonly looks: () => number;
  /** So many more bytes wait to be read, or less. */
  readonly moved: (bytes: number) => void;
  /** A connection has answers that wait, or none any more. */
  readonly waits: (connection: ConnectionAnswers) => void;
  readonly waitsNoMore: (connection: ConnectionAnswers) => void;
  /** The answer that was to be counted is too much for its connection. */
  readonly onFull: () => void;
}

/** The answers of one connection that have not gone out to it whole. */
export class ConnectionAnswers {
  readonly host: AnswersHost;
  readonly #session: Http2Session;
  /** Where its host keeps it. */
  place = 0;
  bytes = 0;
  readonly #open: StreamAnswers[] = [];
  /** Bytes of answers whose stream was reset: a write to the socket that is under way may still hold them. */
  #adriftBytes = 0;
  #asked = false;
  #gone = false;

  constructor(session: Http2Session, host: AnswersHost) {
    this.host = host;
    this.#session = session;
    session.once('close', () => this.#leave());
  }

  /** Ends the connection, whatever is open on it, and counts it no more. */
  cut(): void {
    this.#leave();
    // Not within a read, which may be its own: Node would free streams that its HTTP/2 library goes on to write to when we return.
    setImmediate(() => this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM));
  }

  /** Resets the streams of which `isStalled` says so. */
  look(isStalled: (answers: StreamAnswers) => boolean): void {
    for (const answers of [...this.#open]) if (isStalled(answers)) answers.reset();
  }

  move(bytes: number): void {
    if (this.#gone) return;
    if (this.bytes === 0) this.host.waits(this);
    this.bytes += bytes;
    this.host.moved(bytes);
    // Where all had too much, it may have been cut by then.
    if (this.bytes === 0 && !this.#gone) this.host.waitsNoMore(this);
  }

  put(answers: StreamAnswers): void {
    answers.place = this.#open.push(answers) - 1;
  }

  drop(answers: StreamAnswers): void {
    const last = this.#open.pop();
    if (last === undefined || last === answers) return;
    this.#open[answers.place] = last;
    last.place = answers.place;
  }

  /** These bytes are of nobody any more, and count until an answer to a ping says that what was written before it is out. */
  setAdrift(bytes: number): void {
    this.#adriftBytes += bytes;
    if (this.#asked || this.#adriftBytes === 0 || this.#session.destroyed) return;
    this.#asked = true;
    const before = this.#adriftBytes;
    this.#session.ping(() => {
      this.#asked = false;
      this.#adriftBytes -= before;
      this.move(-before);
      this.setAdrift(0);
    });
  }

  #leave(): void {
    this.move(-this.bytes);
    this.#gone = true;
  }
}

/** Of one stream. To be made when its first answer is there; to be ended when it has closed. */
export class StreamAnswers {
  readonly #stream: ServerHttp2Stream;
  readonly #connection: ConnectionAnswers;
  /** Where its connection keeps it. */
  place = 0;
  /** That wait. */
  bytes = 0;
  /** Of them, those that wait for an earlier answer, not for the caller. */
  #heldBytes = 0;
  /** The look at which one of them last came to be the first that the caller has to read. */
  movedAt = 0;
  #isOver = false;

  constructor(stream: ServerHttp2Stream, connection: ConnectionAnswers) {
    this.#stream = stream;
    this.#connection = connection;
    connection.put(this);
  }

  /** Bytes that wait for the caller to read them. */
  get unreadBytes(): number {
    return this.bytes - this.#heldBytes;
  }

  /** Counts an answer; false where the connection leaves too many unread: it is not to be written then. Behind the end it goes nowhere. */
  add(bytes: number): boolean {
    if (this.#isOver) return true;
    const { host } = this.#connection;
    if (this.#connection.bytes >= host.mostBytes) {
      host.onFull();
      return false;
    }
    if (this.unreadBytes === 0) this.movedAt = host.looks();
    this.bytes += bytes;
    this.#connection.move(bytes);
    return true;
  }

  /** Counts an answer that is not to be written before an earlier one is there; false as in `add`. */
  hold(bytes: number): boolean {
    if (!this.add(bytes)) return false;
    if (!this.#isOver) this.#heldBytes += bytes;
    return true;
  }

  /** An answer of so many bytes that was held is written now. */
  letGo(bytes: number): void {
    if (this.#isOver) return;
    if (this.unreadBytes === 0) this.movedAt = this.#connection.host.looks();
    this.#heldBytes -= bytes;
  }

  /** An answer of so many bytes has gone out. What is told of one behind the end of its stream counts no more. */
  taken(bytes: number): void {
    if (this.#isOver) return;
    this.movedAt = this.#connection.host.looks();
    this.bytes -= bytes;
    this.#connection.move(-bytes);
  }

  /** Drops what waits: clients take it for `RESOURCE_EXHAUSTED` (gRPC over HTTP/2, "Errors"). */
  reset(): void {
    this.#stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    // It would wait for the client with what it holds.
    this.#stream.destroy();
  }

  /** Its stream has closed. Once. */
  end(): void {
    const { bytes } = this;
    this.bytes = 0;
    this.#isOver = true;
    this.#connection.drop(this);
    if (this.#stream.writableFinished) this.#connection.move(-bytes);
    else this.#connection.setAdrift(bytes);
  }
}
