/** A line now and then, so that one sees that a long bench goes on, and for how long. */
const EVERY_MS = 10_000;

export class Progress {
  readonly #total: number;
  readonly #left: number;
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  readonly #fromMs: number;
  #saidAtMs: number;
  #ended = 0;

  /** `left` of `total` parts are to be done still; `now` in milliseconds. */
  constructor({ total, left, say, now = () => performance.now() }: { total: number; left: number; say: (line: string) => void; now?: () => number }) {
    this.#total = total;
    this.#left = left;
    this.#say = say;
    this.#now = now;
    this.#fromMs = now();
    this.#saidAtMs = this.#fromMs;
    if (left < total) say(`${total - left} of ${total} were kept`);
  }

  ended(what: string): void {
    this.#ended++;
    const nowMs = this.#now();
    if (nowMs < this.#saidAtMs + EVERY_MS && this.#ended < this.#left) return;
    this.#saidAtMs = nowMs;
    const seconds = (nowMs - this.#fromMs) / 1000;
    this.#say(`${this.#total - this.#left + this.#ended} of ${this.#total} after ${seconds.toFixed(0)} s; last: ${what}`);
  }
}
