/** Bytes of request bodies that are held, of all protocols of the door together. */
export class OpenBodies {
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts them; false where that is more than may be held: whoever holds them counts them off all the same. */
  hold(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#mostBytes;
  }

  letGo(bytes: number): void {
    this.#bytes -= bytes;
  }
}
