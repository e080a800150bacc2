import { EventEmitter } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';

/** A connection of HTTP/2 as far as answers that are not read see of it. */
export class SessionDouble extends EventEmitter {
  destroyed = false;
  endedBy: number | undefined;
  readonly pings: (() => void)[] = [];

  ping(answered: () => void): void {
    this.pings.push(answered);
  }

  destroy(_error?: unknown, code?: number): void {
    this.destroyed = true;
    this.endedBy = code;
  }
}

/** A stream on it. */
export class AnsweredStreamDouble {
  readonly session: SessionDouble;
  writableFinished = false;
  resetBy: number | undefined;
  destroyed = false;

  constructor(session: SessionDouble) {
    this.session = session;
  }

  close(code: number): void {
    this.resetBy = code;
  }

  destroy(): void {
    this.destroyed = true;
  }

  get asStream(): ServerHttp2Stream {
    return this as unknown as ServerHttp2Stream;
  }
}
