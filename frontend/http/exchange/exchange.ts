import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** Where a body goes: its pieces in order, then its end; `broken` in its place where it is not of the coding that its head says. Functions that need no `this`, so that they are given on as they are. */
export interface BodySink {
  /** The bytes are read before it returns: their memory is somebody else's then. */
  readonly piece: (bytes: Buffer) => void;
  readonly end: () => void;
  readonly broken: () => void;
}

/** A whole answer. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn, without those of the connection and the date. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
  /** Its length. A text of as many characters is ASCII, and needs no encoding. */
  readonly bodyBytes: number;
  /** The connection ends behind it, and it says so. */
  readonly last: boolean;
}

/**
 * One request and the place of its answer. Doors see nothing else of HTTP: whether node:http or the lane carries it makes no
 * difference to them. Answers go out in the order of their requests, whatever the order in which they are given.
 */
export interface Exchange {
  readonly connection: Connection;
  readonly requestId: string;
  /** What is asked for, as the client wrote it: a path, and a query where there is one. */
  readonly target: string;
  /** But for how long its body is, which is said below. */
  readonly headers: IncomingHttpHeaders;
  /** What its body has as it is sent; infinite where nobody says. */
  readonly bodyBytes: number;
  /** The request has come to the end of its body. */
  readonly whole: boolean;
  /** An answer was given, or nobody is left to hear one. */
  readonly answered: boolean;
  /** The answer is written to the socket. Of one behind which the connection ends it may not be said: nothing follows it. */
  readonly written: boolean;
  /** The body goes there from now on, inflated where it comes compressed: whoever reads it counts, and ignores what is too much. */
  read(sink: BodySink): void;
  /** What still comes of the body is nobody's. */
  ignore(sink: BodySink): void;
  /** Once. What has not come of the body is thrown away as it comes, where the connection does not end. */
  answer(reply: Reply): void;
  /**
   * Answers, and closes our side of the connection, while the client may still be sending: what it sends is thrown away.
   * `ended` is called when our side is closed.
   */
  answerEarly(reply: Reply, ended: () => void): void;
  /** Sends an interim answer (102 Processing) where that is possible now: a client that has gone makes it fail. */
  probe(): void;
  /** Calls once when the answer is written. */
  whenWritten(then: () => void): void;
}

/** A request that is being read, or waits for its answer. */
export interface OpenRequest {
  readonly exchange: Exchange;
  readonly state: 'free' | 'body' | 'waiting';
  /** Nobody waits for it any more. It takes itself from `Connection.open`. */
  leave(): void;
}

/** What the door knows of one socket. */
export interface Connection {
  readonly socket: Socket;
  /** Requests of this socket for a query that are not answered yet, oldest first: more than one where they are pipelined. */
  readonly open: OpenRequest[];
  /** The last request that began on it, of any route. */
  latest: Exchange | undefined;
  /** Takes back the next look at a client that closed its side. */
  takeBackProbe: () => void;
  /** Its bytes stopped being HTTP; the last answer has been, or will be, given. */
  failed: boolean;
}
