import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import type { OutputDoor, OutputTake, OutputTicket } from '../domain/runtime.ts';
import type { SocketPlace } from './socket-folder.ts';
import { openSocketPlace } from './socket-folder.ts';

export interface OutputListenerOptions {
  /** Folder for the socket; it becomes the user's own (0700). */
  readonly folder: string;
  readonly clock: Clock;
}

/** A launcher connects one stream after another: more that have said nothing yet are not its. */
const MOST_STRANGERS = 16;
const KEY_TIMEOUT_MS = 5000;
/** 144 random bits; as text of four characters for each three bytes. */
const RANDOM_BYTES = 18;
const KEY_CHARS = 24;
/** Tells whoever came that the stream is awaited; all that ever goes out. */
const ADMITTED = '\n';

/**
 * Takes in the output of containers, each stream by a connection of its own: its key first, answered with one byte, then what
 * the container prints, with nobody in between. Whoever says no key that is awaited is cut off.
 */
export class OutputListener implements OutputDoor {
  readonly path: string;
  readonly #clock: Clock;
  readonly #place: SocketPlace;
  readonly #server: Server;
  readonly #strangers = new Set<Socket>();
  readonly #sockets = new Set<Socket>();
  readonly #awaited = new Map<string, (socket: Socket) => void>();

  private constructor({ clock }: OutputListenerOptions, place: SocketPlace) {
    this.#clock = clock;
    this.#place = place;
    this.path = place.path;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens; throws where the folder cannot be used. */
  static async open(options: OutputListenerOptions): Promise<OutputListener> {
    const listener = new OutputListener(options, await openSocketPlace(options.folder, 'output.sock'));
    listener.#server.listen(listener.path);
    await once(listener.#server, 'listening');
    return listener;
  }

  expect(take: OutputTake): OutputTicket {
    const key = randomBytes(RANDOM_BYTES).toString('base64url');
    let admitted: Socket | undefined;
    this.#awaited.set(key, (socket) => {
      this.#awaited.delete(key);
      admitted = socket;
      this.#hand(socket, take);
      socket.write(ADMITTED);
    });
    return {
      key,
      close: () => {
        this.#awaited.delete(key);
        admitted?.destroy();
      },
    };
  }

  /** Cuts every stream and removes the socket. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#place.remove();
  }

  /** Reads no faster than the taker wants: what is not read fills the kernel's buffer, and whoever prints then waits. */
  #hand(socket: Socket, take: OutputTake): void {
    let stop = (): void => undefined;
    socket.on('data', (chunk) => {
      const until = take(chunk);
      if (until === undefined) return;
      socket.pause();
      stop = this.#clock.wakeAt(until, () => socket.resume());
    });
    socket.once('close', () => {
      stop();
      take(undefined);
    });
  }

  #accept(socket: Socket): void {
    // Who is cut off may have written still.
    socket.on('error', () => socket.destroy());
    if (this.#strangers.size >= MOST_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#strangers.add(socket);
    const stop = this.#clock.wakeAt(this.#clock.now() + KEY_TIMEOUT_MS * 1000, () => socket.destroy());
    const greet = (): void => {
      const said: Buffer | null = socket.read(KEY_CHARS);
      if (said === null) return;
      socket.off('readable', greet);
      stop();
      this.#strangers.delete(socket);
      const admit = this.#awaited.get(said.toString('latin1'));
      if (admit === undefined) socket.destroy();
      else admit(socket);
    };
    socket.on('readable', greet);
    socket.once('close', () => {
      stop();
      this.#strangers.delete(socket);
      this.#sockets.delete(socket);
    });
  }
}
