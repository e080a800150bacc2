import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from '../../frontend/http/exchange/exchange.ts';
import { HttpExchange } from '../../frontend/http/exchange/http-exchange.ts';

/** As much of a socket as the door uses; keeps what was written last. */
export class SocketDouble extends EventEmitter {
  destroyed = false;
  writable = true;
  lastWords = '';
  end(text = ''): void {
    this.writable = false;
    this.lastWords += text;
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.writable = false;
    this.emit('close');
  }
  destroySoon(): void {
    this.destroy();
  }
  asSocket(): Socket {
    return this as unknown as Socket;
  }
}

/** A request whose head has come; the test sends the body with `emit('data')` and `emit('end')`. */
export class RequestDouble extends EventEmitter {
  readonly socket: SocketDouble;
  readonly headers: Readonly<Record<string, string>>;
  method = 'POST';
  httpVersionMinor = 1;
  complete = false;
  resumed = false;
  constructor(socket: SocketDouble, headers: Readonly<Record<string, string>> = {}) {
    super();
    this.socket = socket;
    this.headers = headers;
  }
  resume(): void {
    this.resumed = true;
  }
  asRequest(): IncomingMessage {
    return this as unknown as IncomingMessage;
  }
}

/** Keeps the answer. */
export class ResponseDouble extends EventEmitter {
  socket: SocketDouble | null;
  status = 0;
  headers = new Map<string, string>();
  body = '';
  headersSent = false;
  writableFinished = false;
  destroyed = false;
  interim = 0;
  constructor(socket: SocketDouble | null) {
    super();
    this.socket = socket;
  }
  writeHead(status: number, headers: readonly string[]): void {
    this.status = status;
    this.headersSent = true;
    for (let i = 0; i < headers.length; i += 2) this.headers.set(headers[i] ?? '', headers[i + 1] ?? '');
  }
  writeProcessing(): void {
    this.interim++;
  }
  flushHeaders(): void {}
  write(body: string | Uint8Array): void {
    this.body += Buffer.from(body).toString('latin1');
  }
  end(body: string | Uint8Array = ''): void {
    this.write(body);
    this.writableFinished = true;
  }
  asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

/** What the door would know of this socket. */
export function connectionOf(socket: SocketDouble): Connection {
  return { socket: socket.asSocket(), open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
}

/** The exchange that node:http would carry between the two; its id is `r`. */
export function exchangeOf(request: RequestDouble, response: ResponseDouble, connection: Connection = connectionOf(request.socket)): HttpExchange {
  return new HttpExchange({ request: request.asRequest(), response: response.asResponse(), connection, requestId: 'r' });
}
