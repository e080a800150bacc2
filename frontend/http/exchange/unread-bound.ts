import type { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';

const LOOK_MICROS = 1_000_000;

export interface UnreadBoundOptions {
  readonly clock: Clock;
  /** All of the door's. */
  readonly sockets: () => Iterable<Pick<Socket, 'writableLength' | 'destroy'>>;
  /** What their clients together may leave unread. */
  readonly mostBytes: number;
  /** A socket was destroyed. */
  readonly onCut: () => void;
}

/**
 * Bounds what clients do not read. A socket with answers that wait takes no further request, but holds those answers; where all
 * sockets together hold too much, those that hold most are cut off: whoever reads holds next to nothing. Looks once a second, from
 * `start` on, while there are any.
 */
export class UnreadBound {
  readonly #options: UnreadBoundOptions;
  #takeBack: (() => void) | undefined;

  constructor(options: UnreadBoundOptions) {
    this.#options = options;
  }

  /** A socket has come. */
  start(): void {
    if (this.#takeBack === undefined) this.#lookLater();
  }

  stop(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
  }

  #lookLater(): void {
    const { clock, sockets } = this.#options;
    this.#takeBack = clock.wakeAt(clock.now() + LOOK_MICROS, () => {
      this.#takeBack = undefined;
      const all = [...sockets()];
      this.#look(all);
      if (all.length > 0) this.#lookLater();
    });
  }

  #look(sockets: readonly Pick<Socket, 'writableLength' | 'destroy'>[]): void {
    const { mostBytes, onCut } = this.#options;
    const waiting = sockets.filter(({ writableLength }) => writableLength > 0).toSorted((a, b) => b.writableLength - a.writableLength);
    let bytes = waiting.reduce((sum, { writableLength }) => sum + writableLength, 0);
    for (const socket of waiting) {
      if (bytes <= mostBytes) return;
      bytes -= socket.writableLength;
      socket.destroy();
      onCut();
    }
  }
}
