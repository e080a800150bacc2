import type { BatchHeader } from '../../protos/wire.ts';
import type { Link } from './link.ts';

const NO_ROWS: ReadonlySet<number> = new Set();
const NOTHING = (): void => {};

/** One batch from its frame to its reply: what came, and which of its rows nobody wants any more. */
export class Work {
  readonly id: number;
  readonly header: BatchHeader;
  /** Valid while the frame is told only, unless `keep` was called then. */
  readonly payload: Buffer;
  readonly #link: Pick<Link, 'keep'>;
  #cancelled: Set<number> | undefined;
  #release = NOTHING;

  constructor(id: number, header: BatchHeader, payload: Buffer, link: Pick<Link, 'keep'>) {
    this.id = id;
    this.header = header;
    this.payload = payload;
    this.#link = link;
  }

  get cancelled(): ReadonlySet<number> {
    return this.#cancelled ?? NO_ROWS;
  }

  cancel(rows: Iterable<number>): void {
    this.#cancelled ??= new Set();
    for (const row of rows) this.#cancelled.add(row);
  }

  /** Nobody waits for any row any more. */
  cancelAll(): void {
    this.cancel(Array(this.header.rows).keys());
  }

  /** Keeps the payload until `release`. */
  keep(): void {
    if (this.#release === NOTHING) this.#release = this.#link.keep();
  }

  release(): void {
    this.#release();
    this.#release = NOTHING;
  }
}
