import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { Clock, Micros } from '../domain/clock.ts';
import { textHeader } from './call-metadata.ts';
import { closeAnswered } from './close-answered.ts';
import type { StreamAnswers } from './connection-answers.ts';
import type { CallFailure } from './grpc-status.ts';
import { readGrpcTimeout } from './grpc-timeout.ts';
import { INFLATERS, Inflation, type InflationBounds } from './inflation.ts';
import { framed } from './message-frame.ts';
import { TOO_MUCH_HELD } from './open-messages.ts';
import type { Trailers, UnaryCall } from './unary-call.ts';
import { UnaryMessage } from './unary-message.ts';
import { TOO_MUCH_UNREAD, type UnreadAnswers } from './unread-answers.ts';

/** A method with one message each way. */
export interface UnaryMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly handle: (call: UnaryCall) => void;
}

/** What the calls of a door share. */
export interface UnaryHost extends InflationBounds {
  readonly clock: Clock;
  readonly unread: Pick<UnreadAnswers, 'of'>;
  /** A service has the call. */
  readonly begun: (call: UnaryExchange) => void;
  /** A call that had begun is over. */
  readonly ended: (call: UnaryExchange) => void;
  /** What becomes of a call whose service threw. */
  readonly failureOf: (fault: unknown, path: string) => CallFailure;
}

const HEAD = Object.freeze({ ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-accept-encoding': 'identity,deflate,gzip', 'grpc-encoding': 'identity' });
const WITH_TRAILERS = Object.freeze({ waitForTrailers: true });
const GOOD = Object.freeze({ 'grpc-status': status.OK, 'grpc-message': 'OK' });
/** So does a call end that does not keep to gRPC; texts are those of the library. */
const NO_MESSAGE = 'Received no request message for server streaming method';
const SECOND_MESSAGE = 'Received a second request message for server streaming method';

/** Where a stream keeps its call: listeners are the same functions for all, and find it there. */
const CALL = Symbol('call');
interface Carrier extends ServerHttp2Stream {
  [CALL]: UnaryExchange;
}
function onData(this: Carrier, piece: Buffer): void {
  this[CALL].take(piece);
}
function onEnd(this: Carrier): void {
  this[CALL].hasAll();
}
function onClose(this: Carrier): void {
  this[CALL].leave();
}
function onWantTrailers(this: Carrier): void {
  this.sendTrailers(this[CALL].trailers);
}

/**
 * A unary call served straight on its HTTP/2 stream, with what gRPC's library says and does where a caller does not keep to the
 * protocol. States: its message comes · a service has it (from the end of the caller's side on) · over; the answer is then held
 * until the caller has taken it.
 */
export class UnaryExchange implements UnaryCall {
  readonly arrivedAtMicros: Micros;
  readonly patienceMicros: number;
  /** Where its host keeps it. */
  place = 0;
  /** What goes out behind the answer. */
  trailers: OutgoingHttpHeaders = GOOD;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #method: UnaryMethod;
  readonly #host: UnaryHost;
  readonly #come: UnaryMessage;
  /** Once it is whole, and inflated where it came packed. */
  #message: Buffer | undefined;
  #inflation: Inflation | undefined;
  #heldBytes = 0;
  #answers: StreamAnswers | undefined;
  #hasAll = false;
  #begun = false;
  #over = false;
  #gone: (() => void) | undefined;
  #takeBackDeadline: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, { method, host }: { readonly method: UnaryMethod; readonly host: UnaryHost }) {
    this.#stream = stream;
    this.#headers = headers;
    this.#method = method;
    this.#host = host;
    this.#come = new UnaryMessage(host.messageBytes);
    this.arrivedAtMicros = host.clock.arrived();
    const timeout = this.header('grpc-timeout');
    this.patienceMicros = timeout === undefined ? Number.POSITIVE_INFINITY : readGrpcTimeout(timeout) ?? Number.NaN;
  }

  /** Listens to its stream from now on. Once. */
  listen(): void {
    const stream = this.#stream;
    const { arrivedAtMicros, patienceMicros } = this;
    (stream as Carrier)[CALL] = this;
    stream.on('close', onClose);
    if (Number.isNaN(patienceMicros)) return this.fail({ code: status.INTERNAL, message: `Invalid grpc-timeout value "${this.header('grpc-timeout')}"` });
    if (patienceMicros < Number.POSITIVE_INFINITY) this.#takeBackDeadline = this.#host.clock.wakeAt(arrivedAtMicros + patienceMicros, () => this.#expire());
    stream.on('data', onData);
    stream.on('end', onEnd);
  }

  get message(): Buffer {
    if (this.#message === undefined) throw new Error(`${this.#method.path}: there is no message, not yet or not any more`);
    return this.#message;
  }

  header(name: string): string | undefined {
    return textHeader(this.#headers, name);
  }

  onGone(gone: () => void): void {
    this.#gone = gone;
  }

  answer(message: Uint8Array, trailers?: Trailers): void {
    if (this.#over) return;
    if (trailers !== undefined) this.trailers = { ...GOOD, ...Object.fromEntries(trailers) };
    this.answerFramed(framed(message));
  }

  answerFramed(frame: Buffer): void {
    if (!this.#finish() || !this.#isReached) return;
    const stream = this.#stream;
    this.#answers = this.#host.unread.of(stream);
    if (this.#answers?.add(frame.length) === false) return this.#say({ code: status.RESOURCE_EXHAUSTED, message: TOO_MUCH_UNREAD });
    // Where all had too much, its connection may have been cut by that.
    if (!this.#isReached) return;
    stream.respond(HEAD, WITH_TRAILERS);
    stream.on('wantTrailers', onWantTrailers);
    stream.end(frame);
  }

  fail(failure: CallFailure, trailers?: Trailers): void {
    if (this.#finish() && this.#isReached) this.#say(failure, trailers);
  }

  /** Bytes have come on its stream. */
  take(piece: Buffer): void {
    if (this.#over) return;
    this.#heldBytes += piece.length;
    if (!this.#host.messages.hold(piece.length)) return this.#refuse();
    const come = this.#come;
    const wasWhole = come.isWhole;
    const wrong = come.push(piece);
    if (wrong?.kind === 'too_long') return this.fail({ code: status.RESOURCE_EXHAUSTED, message: `Received message larger than max (${wrong.bytes} vs ${this.#host.messageBytes})` });
    if (wrong?.kind === 'second') return this.fail({ code: status.UNIMPLEMENTED, message: `${SECOND_MESSAGE} ${this.#method.path}` });
    if (come.isWhole && !wasWhole) this.#unpack();
  }

  /** The caller has said all. */
  hasAll(): void {
    this.#hasAll = true;
    if (this.#over) return;
    if (this.#message !== undefined) return this.#begin();
    if (this.#inflation === undefined) this.fail({ code: status.UNIMPLEMENTED, message: `${NO_MESSAGE} ${this.#method.path}` });
  }

  /** Its stream has closed. */
  leave(): void {
    const gone = this.#gone;
    if (this.#finish()) gone?.();
    this.#answers?.end();
  }

  #unpack(): void {
    const { bytes, isPacked } = this.#come;
    const coding = isPacked ? this.header('grpc-encoding') ?? 'identity' : 'identity';
    if (coding === 'identity') {
      this.#message = bytes;
      return;
    }
    const make = INFLATERS.get(coding);
    if (make === undefined) return this.fail({ code: status.UNIMPLEMENTED, message: `Received message compressed with unsupported encoding "${coding}"` });
    this.#inflation = new Inflation(this.#host);
    void this.#inflate(this.#inflation.inflate(bytes, make()));
  }

  async #inflate(running: ReturnType<Inflation['inflate']>): Promise<void> {
    const told = await running;
    if (!Buffer.isBuffer(told)) return this.fail(told);
    this.#message = told;
    if (this.#hasAll) this.#begin();
  }

  #begin(): void {
    if (this.#over) return;
    const host = this.#host;
    const method = this.#method;
    this.#begun = true;
    host.begun(this);
    try {
      method.handle(this);
    } catch (fault) {
      this.fail(host.failureOf(fault, method.path));
    }
  }

  /** All calls together hold too much. */
  #refuse(): void {
    this.#host.onRefused();
    this.fail({ code: status.RESOURCE_EXHAUSTED, message: TOO_MUCH_HELD });
    closeAnswered(this.#stream);
  }

  #expire(): void {
    const gone = this.#gone;
    this.fail({ code: status.DEADLINE_EXCEEDED, message: 'Deadline exceeded' });
    gone?.();
  }

  #say({ code, message }: CallFailure, trailers: Trailers = []): void {
    const said = { ':status': 200, 'content-type': HEAD['content-type'], 'grpc-status': code, 'grpc-message': escaped(message), ...Object.fromEntries(trailers) };
    this.#stream.respond(said, { endStream: true });
    // What still comes is dropped.
    this.#stream.resume();
  }

  /** Whether the stream still takes an answer: it may have closed without having said so yet. */
  get #isReached(): boolean {
    return !this.#stream.closed && !this.#stream.destroyed;
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#gone = undefined;
    // Its answer may wait for long; what was asked does not wait with it.
    this.#message = undefined;
    this.#come.forget();
    this.#host.messages.hold(-this.#heldBytes);
    this.#takeBackDeadline?.();
    this.#inflation?.end();
    if (this.#begun) this.#host.ended(this);
    return true;
  }
}

/** As `grpc-message` has it. Halves of characters are none. */
function escaped(message: string): string {
  return encodeURI(Buffer.from(message).toString());
}
