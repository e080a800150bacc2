import { FewById } from '../../domain/few-by-id.ts';
import type { Signature } from '../../domain/model.ts';
import type { BatchSink, ReplicaBatch, ReplicaEvents, ReplicaId, ReplicaLink } from '../../domain/replica.ts';
import { Flight } from '../flight.ts';
import { partOf } from './answered-part.ts';
import { shorten } from './grpc-status.ts';
import { isFailure, type Answered, type CallFailure, type Server } from './server.ts';

export interface OipLinkOptions {
  readonly id: ReplicaId;
  readonly signature: Signature;
  readonly maxBatch: number;
  readonly maxInFlight: number;
  readonly unbatched: boolean;
  readonly server: Server;
  readonly events: ReplicaEvents;
  /** The link can no longer be used, or need not be: its life is to end. */
  readonly onOver: (why: string) => void;
}

/**
 * A model on a server of somebody else: a batch is one call, and the credits are our own. A call is never taken back:
 * some servers then fail its neighbours in their own batch, and others compute on, which a new credit would not know of.
 */
export class OipLink implements ReplicaLink {
  readonly id: ReplicaId;
  readonly signature: Signature;
  readonly maxBatch: number;
  readonly #options: OipLinkOptions;
  readonly #flights = new FewById<Flight>();
  #rowNumbers: readonly number[] = [];
  #lastId = 0;
  #draining = false;
  #over = false;
  #misfits = 0;

  constructor(options: OipLinkOptions) {
    this.id = options.id;
    this.signature = options.signature;
    this.maxBatch = options.maxBatch;
    this.#options = options;
  }

  get credits(): number {
    return this.#draining || this.#over ? 0 : this.#options.maxInFlight - this.#flights.size;
  }

  /** Answers that were not of the signature. */
  get misfits(): number {
    return this.#misfits;
  }

  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    if (this.credits <= 0) throw new RangeError(`${this.id}: a batch without a credit`);
    const flight = new Flight(++this.#lastId, batch.rows, sink, () => {});
    this.#flights.set(flight.id, flight);
    const refused = this.#options.server.infer(batch, (result) => this.#answered(flight, result));
    if (refused !== undefined) queueMicrotask(() => this.#answered(flight, { kind: 'refused', code: 'not_sendable', message: refused }));
    return flight;
  }

  drain(): void {
    this.leave('drained');
  }

  /** Takes no more batches; over once it has answered what it has. */
  leave(why: string): void {
    this.#draining = true;
    if (this.#flights.size === 0) this.#options.onOver(why);
  }

  /** Its life is over. */
  ended(why: string): void {
    if (this.#over) return;
    this.#over = true;
    // First those who would send more, then those who wait: nobody tries again on a link that is gone.
    this.#options.events.closed(this, why);
    const flights = this.#flights.all();
    this.#flights.clear();
    for (const flight of flights) flight.lost(why);
  }

  #answered(flight: Flight, result: Answered | CallFailure): void {
    if (this.#over) return;
    if (isFailure(result) && result.kind === 'gone') return this.#options.onOver(result.message);
    this.#flights.delete(flight.id);
    if (isFailure(result)) flight.done(undefined, { code: result.code, message: result.message });
    else this.#tell(flight, result);
    if (this.#draining && this.#flights.size === 0) this.#options.onOver('drained');
    else if (this.credits > 0) this.#options.events.credit(this);
  }

  #tell(flight: Flight, answered: Answered): void {
    const { unbatched } = this.#options;
    const part = partOf(answered, { rows: flight.rows, unbatched, outputs: this.signature.outputs });
    if (typeof part === 'string') {
      this.#misfits++;
      return flight.done(undefined, { code: 'bad_output', message: shorten(part) });
    }
    if (this.#rowNumbers.length !== flight.rows) this.#rowNumbers = Array.from({ length: flight.rows }, (_, row) => row);
    flight.answer(this.#rowNumbers, part);
    flight.done(undefined, undefined);
  }
}
