import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** A socket without a network: the test is its client. */
export class LaneSocket extends Duplex {
  /** What the client got. */
  received = '';
  timeoutMs = 0;
  #stuck = false;
  #unstick: () => void = () => {};

  constructor() {
    super({ allowHalfOpen: true });
  }

  /** The client sends bytes, in one piece; what hears of them has run when this resolves. */
  async send(text: string): Promise<void> {
    this.push(Buffer.from(text, 'latin1'));
    await turn();
  }

  /** The client closes its side. */
  async leave(): Promise<void> {
    this.push(null);
    await turn();
  }

  /** The client stops reading, or goes on. */
  set stuck(stuck: boolean) {
    this.#stuck = stuck;
    if (!stuck) this.#unstick();
  }

  setTimeout(ms: number): this {
    this.timeoutMs = ms;
    return this;
  }
  destroySoon(): void {
    this.end(() => this.destroy());
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, written: (error?: Error) => void): void {
    this.received += chunk.toString('latin1');
    if (this.#stuck) this.#unstick = written;
    else written();
  }
  asSocket(): Socket {
    return this as unknown as Socket;
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
