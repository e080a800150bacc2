import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';

/** What a call came to, as it went over the wire. */
export interface RawOutcome {
  readonly http?: number;
  readonly code?: number;
  readonly text?: string;
  /** All headers and trailers but the date. */
  readonly said: Readonly<Record<string, unknown>>;
  /** Messages, with their prefixes. */
  readonly body: Buffer;
}

/** A call whose bytes are written as they are. */
export interface RawCall {
  readonly stream: ClientHttp2Stream;
  readonly outcome: Promise<RawOutcome>;
  leave(): void;
}

/** Calls in raw HTTP/2, of whoever does not keep to gRPC. */
export class RawGrpc {
  readonly #session: ClientHttp2Session;

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`).on('error', () => {});
  }

  begin(path: string, headers: OutgoingHttpHeaders = {}): RawCall {
    const stream = this.#session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers }, { endStream: false });
    const body: Buffer[] = [];
    const said: Record<string, unknown> = {};
    const hear = (more: object): void => void Object.assign(said, more, { date: undefined });
    stream.on('error', () => {}).on('response', hear).on('trailers', hear).on('data', (chunk: Buffer) => body.push(chunk));
    const outcome = new Promise<RawOutcome>((resolve) => stream.on('close', () => {
      const { ':status': http, 'grpc-status': code, 'grpc-message': text } = said as Readonly<Record<string, string | undefined>>;
      resolve({
        ...(http === undefined ? {} : { http: Number(http) }), ...(code === undefined ? {} : { code: Number(code) }), ...(text === undefined ? {} : { text: decodeURIComponent(text) }),
        said: { ...said }, body: Buffer.concat(body),
      });
    }));
    return { stream, outcome, leave: () => stream.close(constants.NGHTTP2_CANCEL) };
  }

  /** Writes the pieces, and ends its side. */
  ask(path: string, pieces: readonly Uint8Array[], headers: OutgoingHttpHeaders = {}): Promise<RawOutcome> {
    const { stream, outcome } = this.begin(path, headers);
    for (const piece of pieces) stream.write(piece);
    stream.end();
    return outcome;
  }

  close(): void {
    this.#session.destroy();
  }
}
