import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type { GrpcOutcome } from './grpc-judge.ts';
import type { GrpcScenario } from './grpc-scenario.ts';

const COMMON = Object.freeze({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' });

/** Plays calls one after another over one HTTP/2 connection, which it opens anew by need. */
export class GrpcFuzzClient {
  readonly #url: string;
  readonly #hangMs: number;
  #session: ClientHttp2Session | undefined;

  constructor({ address, hangMs }: { readonly address: string; readonly hangMs: number }) {
    this.#url = `http://${address}`;
    this.#hangMs = hangMs;
  }

  play({ headers, pieces, ending }: GrpcScenario): Promise<GrpcOutcome> {
    const session = this.#open();
    return new Promise((resolve) => {
      const stream = session.request({ ...COMMON, ...headers });
      const body: Buffer[] = [];
      let said: IncomingHttpHeaders = {};
      let hung = false;
      const watch = setTimeout(() => {
        hung = true;
        stream.close(constants.NGHTTP2_CANCEL);
      }, this.#hangMs);
      stream.on('error', () => {});
      stream.on('response', (response) => { said = { ...said, ...response }; });
      stream.on('trailers', (trailers) => { said = { ...said, ...trailers }; });
      stream.on('data', (chunk: Buffer) => body.push(chunk));
      stream.on('close', () => {
        clearTimeout(watch);
        const { ':status': http, 'grpc-status': code, 'grpc-message': text } = said as Record<string, string | undefined>;
        resolve({ ...(http === undefined ? {} : { http: Number(http) }), ...(code === undefined ? {} : { code: Number(code) }), text: decodeURIComponent(text ?? ''), body: Buffer.concat(body), hung });
      });
      for (const piece of pieces) stream.write(piece);
      if (ending === 'end') return void stream.end();
      setImmediate(() => {
        if (ending === 'reset') return stream.close(constants.NGHTTP2_CANCEL);
        this.#session = undefined;
        session.destroy();
      });
    });
  }

  close(): void {
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) this.#session = connect(this.#url).on('error', () => {});
    return this.#session;
  }
}
