import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Frame, FrameKind } from '../../protos/wire.ts';
import { FrameReader, controlFrame } from '../../protos/wire.ts';

/** The container's end of a connection, driven by a test frame by frame. */
export class ContainerEnd {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #frames: { kind: number; batch: number; header: unknown }[] = [];
  #waiting: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    const reader = new FrameReader(({ kind, batch, header }: Frame) => {
      this.#frames.push({ kind, batch, header });
      this.#waiting?.();
    });
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => {});
  }

  send(kind: FrameKind, header?: object, batch = 0): void {
    this.socket.write(controlFrame(kind, header, batch));
  }

  /** The next frame that the broker sends. */
  async next(): Promise<{ kind: number; batch: number; header: unknown }> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }
}

/** A worker's hello that is as it should be. */
export const HELLO = Object.freeze({
  wire: 1, role: 'worker' as const, model: 'm', version: 1, pid: 77, kit: 'test 1',
  inputs: [{ name: 'x', dtype: 'float32' as const, shape: [2] }], outputs: [{ name: 'x', dtype: 'float32' as const, shape: [2] }],
});
export const EXPECTED = Object.freeze({ id: 'm@1/1.1', model: 'm', version: 1 });
