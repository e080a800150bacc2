import { parseCredit, parseDone } from '../../protos/parse-headers.ts';
import type { Frame } from '../../protos/wire.ts';
import { FRAME, WireError, controlFrame } from '../../protos/wire.ts';
import { FewById } from '../domain/few-by-id.ts';
import type { Signature } from '../domain/model.ts';
import type { BatchSink, ReplicaBatch, ReplicaEvents, ReplicaId, ReplicaLink } from '../domain/replica.ts';
import type { ReplicaFacts } from '../domain/runtime.ts';
import { BatchEncoder, type SlabHolder } from './batch-encoder.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { Flight } from './flight.ts';
import { RowsDecoder } from './rows-decoder.ts';
import type { SendBuffers } from './send-buffers.ts';
import type { SharedMemory } from './shared-memory.ts';

/** Credits and batches under way of one replica, together. */
const MAX_CREDITS = 64;
const LAST_ID = 0xffff_ffff;

export interface FrameLinkParts {
  readonly events: ReplicaEvents;
  readonly buffers: SendBuffers;
  readonly slabs?: SlabHolder | undefined;
  /** Offered to the container in its welcome; closed with the link, or with a first credit that does not take it. */
  readonly memory?: SharedMemory | undefined;
}

/**
 * A container that speaks our frames, admitted and ready. What it says is checked to the last byte: a frame that
 * contradicts itself or the order of things ends the connection (its batches end as `lost`), one that is sound but
 * breaks the signature spoils its batch only.
 */
export class FrameLink implements ReplicaLink, ConnectionOwner {
  readonly id: ReplicaId;
  readonly signature: Signature;
  readonly maxBatch: number;
  readonly #connection: Connection;
  readonly #events: ReplicaEvents;
  readonly #encoder: BatchEncoder;
  readonly #decoder: RowsDecoder;
  readonly #flights = new FewById<Flight>();
  /** What was offered; undefined once the container has not taken it. */
  #memory: SharedMemory | undefined;
  #memoryTaken = false;
  #credits = 0;
  #lastId = 0;
  #draining = false;
  #over = false;

  constructor(id: ReplicaId, facts: ReplicaFacts, connection: Connection, more: FrameLinkParts) {
    this.id = id;
    this.signature = facts.signature;
    this.maxBatch = facts.maxBatch;
    this.#connection = connection;
    this.#events = more.events;
    this.#memory = more.memory;
    this.#decoder = new RowsDecoder(facts.signature.outputs);
    this.#encoder = new BatchEncoder(more, facts.signature.inputs);
  }

  get credits(): number {
    return this.#draining || !this.#connection.open ? 0 : this.#credits;
  }

  /** Batches that were sent and have not ended. */
  get underWay(): number {
    return this.#flights.size;
  }

  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    if (this.credits <= 0) throw new RangeError(`${this.id}: a batch without a credit`);
    const flight = new Flight(this.#nextId(), batch.rows, sink, this.#sendCancel);
    const encoded = this.#encoder.encode(batch, flight.id);
    if (typeof encoded === 'string') {
      queueMicrotask(() => flight.done(0, { code: 'too_large', message: encoded }));
      return flight;
    }
    this.#credits--;
    flight.shared = encoded.shared;
    this.#flights.set(flight.id, flight);
    // Called when the kernel has taken the last byte, or when this write ended as an error: the socket reads none of it any more.
    this.#connection.sendAll(encoded.pieces, () => this.#encoder.giveBack(encoded));
    return flight;
  }

  drain(): void {
    if (this.#draining || !this.#connection.open) return;
    this.#draining = true;
    this.#connection.send(controlFrame(FRAME.drain));
  }

  frame(frame: Frame): void {
    switch (frame.kind) {
      case FRAME.rows: return this.#rows(frame);
      case FRAME.done: return this.#done(frame);
      case FRAME.credit: return this.#credit(frame);
      case FRAME.hello: throw new WireError('a second hello');
      default:
    }
  }

  ended(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#credits = 0;
    this.#memory?.close();
    // First those who would send more, then those who wait: nobody tries again on a link that is gone.
    this.#events.closed(this, why);
    const flights = this.#flights.all();
    this.#flights.clear();
    for (const flight of flights) flight.lost(why);
  }

  #rows({ batch, header, payload }: Frame): void {
    const flight = this.#flight(batch);
    const { at, part, errors, fault } = this.#decoder.decode(header, payload, flight.rows);
    if (fault !== undefined) return flight.spoil({ code: 'bad_output', message: fault });
    flight.answer(at, part);
    for (const { row, code, message } of errors) flight.fail(row, { code, message });
  }

  #done({ batch, header }: Frame): void {
    const flight = this.#flight(batch);
    const { compute_us: computeMicros, credit = 0, error } = parseDone(header);
    this.#flights.delete(batch);
    if (flight.shared !== undefined) this.#memory?.give(flight.shared);
    this.#grant(credit);
    flight.done(Math.round(computeMicros), error);
    if (this.credits > 0) this.#events.credit(this);
  }

  #credit({ header }: Frame): void {
    const { n, shared } = parseCredit(header);
    this.#takeMemory(shared === true);
    this.#grant(n);
    if (this.credits > 0) this.#events.credit(this);
  }

  /** The first credit says whether the container has opened the memory that it was offered. */
  #takeMemory(opened: boolean): void {
    if (this.#memory === undefined || this.#memoryTaken) return;
    if (opened) {
      this.#memoryTaken = true;
      this.#encoder.share(this.#memory);
    } else {
      this.#memory.close();
      this.#memory = undefined;
    }
  }

  #grant(n: number): void {
    if (this.#credits + this.#flights.size + n > MAX_CREDITS) throw new WireError(`more than ${MAX_CREDITS} credits`);
    this.#credits += n;
  }

  #flight(batch: number): Flight {
    const flight = this.#flights.get(batch);
    if (flight === undefined) throw new WireError(`batch ${batch} is not under way`);
    return flight;
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1;
    while (this.#flights.has(this.#lastId));
    return this.#lastId;
  }

  readonly #sendCancel = (id: number, rows: readonly number[]): void => {
    if (this.#flights.has(id) && this.#connection.open) this.#connection.send(controlFrame(FRAME.cancel, { rows }, id));
  };
}
