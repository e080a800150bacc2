import { STATUS_CODES } from 'node:http';
import type { Reply } from '../exchange/exchange.ts';

/** What every answer of the lane says of its connection and of the time. */
export class ReplyBytes {
  readonly #keepAlive: string;
  #goesOn = '';
  #ends = '';

  /** `keepAliveMs`: how long a connection may wait for its next request. */
  constructor(keepAliveMs: number) {
    const seconds = Math.floor(keepAliveMs / 1000);
    this.#keepAlive = keepAliveMs > 0 ? `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n` : 'Connection: keep-alive\r\n\r\n';
    this.tick();
  }

  /** The time of day has moved on. To be called once a second (RFC 9110 §6.6.1). */
  tick(): void {
    const date = `Date: ${new Date().toUTCString()}\r\n`;
    this.#goesOn = date + this.#keepAlive;
    this.#ends = `connection: close\r\n${date}\r\n`;
  }

  /** The answer as it goes out, in the words of node:http; a text is latin1, and one byte a character. */
  of({ status, headers, body, bodyBytes, last }: Reply): string | Buffer {
    let head = status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    head += last ? this.#ends : this.#goesOn;
    if (typeof body === 'string' && body.length === bodyBytes) return head + body;
    const bytes = Buffer.allocUnsafe(head.length + bodyBytes);
    bytes.write(head, 'latin1');
    if (typeof body === 'string') bytes.write(body, head.length);
    else bytes.set(body, head.length);
    return bytes;
  }
}
