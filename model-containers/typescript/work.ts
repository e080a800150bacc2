import type { BatchHeader } from '../../protos/wire.ts';
import { payloadBytes } from '../../protos/wire.ts';
import type { Link } from './link.ts';
import type { SharedMemory } from './shared-memory.ts';

const NO_ROWS: ReadonlySet<number> = new Set();
const NOTHING = (): void => {};

/** Where a batch's payload can be. */
export interface WorkPlaces {
  readonly link: Pick<Link, 'keep'>;
  readonly memory: Pick<SharedMemory, 'read'> | undefined;
}

/** One batch from its frame to its reply: what came, and which of its rows nobody wants any more. */
export class Work {
  readonly id: number;
  readonly header: BatchHeader;
  /** The frame's. Valid while that is told only, unless `keep` was called then. */
  readonly #payload: Buffer;
  readonly #places: WorkPlaces;
  #cancelled: Set<number> | undefined;
  #release = NOTHING;

  constructor(id: number, header: BatchHeader, payload: Buffer, places: WorkPlaces) {
    this.id = id;
    this.header = header;
    this.#payload = payload;
    this.#places = places;
  }

  /** The tensors' bytes; what lay in shared memory is valid until the next batch is read. */
  read(): Buffer {
    const { shared, inputs } = this.header;
    return shared === undefined || this.#places.memory === undefined ? this.#payload : this.#places.memory.read(shared, payloadBytes(inputs));
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
    if (this.#release === NOTHING && this.header.shared === undefined) this.#release = this.#places.link.keep();
  }

  release(): void {
    this.#release();
    this.#release = NOTHING;
  }
}
