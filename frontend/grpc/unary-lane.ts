import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { CallFailure } from './grpc-status.ts';
import type { UnaryCall } from './unary-call.ts';
import { UnaryExchange, type UnaryHost, type UnaryMethod } from './unary-exchange.ts';

const GRPC = 'application/grpc';

/**
 * The short road of unary calls: Node's HTTP/2 streams are served without gRPC's library, which costs more CPU than all that the
 * broker does for a prediction of one row (DECISIONS 90). Everything that is no unary method is not taken.
 */
export class UnaryLane {
  readonly #methods = new Map<string, UnaryMethod>();
  readonly #host: UnaryHost;
  /** Each at its `place`: sets that empty and fill keep garbage (DECISIONS 89). */
  readonly #open: UnaryExchange[] = [];

  constructor(host: Omit<UnaryHost, 'begun' | 'ended'>) {
    this.#host = { ...host, begun: (call) => this.#put(call), ended: (call) => this.#drop(call) };
  }

  /** Calls that a service has, and that are not over. */
  get open(): number {
    return this.#open.length;
  }

  register(path: string, handle: (call: UnaryCall) => void): void {
    this.#methods.set(path, { path, handle });
  }

  /** Serves a stream; false where its path is no unary method. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const method = this.#methods.get(headers[':path'] ?? '');
    if (method === undefined) return false;
    if (headers['content-type']?.startsWith(GRPC) === true) new UnaryExchange(stream, headers, { method, host: this.#host }).listen();
    else stream.respond({ ':status': constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE }, { endStream: true });
    return true;
  }

  /** Ends every call that a service has. */
  endAll(failure: CallFailure): void {
    for (const call of [...this.#open]) call.fail(failure);
  }

  #put(call: UnaryExchange): void {
    call.place = this.#open.push(call) - 1;
  }

  #drop(call: UnaryExchange): void {
    const last = this.#open.pop();
    if (last === undefined || last === call) return;
    this.#open[call.place] = last;
    last.place = call.place;
  }
}
