import { parseBatch, parseCancel, parseGoodbye, parseWelcome } from '../../protos/parse-headers.ts';
import type { Frame, Hello } from '../../protos/wire.ts';
import { controlFrame, FRAME, WIRE_VERSION, WireError } from '../../protos/wire.ts';
import type { Link } from './link.ts';
import { SharedMemory } from './shared-memory.ts';
import { Work } from './work.ts';

/** What a session needs of the container it belongs to. */
export interface SessionEvents {
  welcomed(session: Session, heartbeatMs: number): void;
  /** A batch has come; it is answered through `session.reply`. */
  batch(session: Session, work: Work): void;
  /** The broker asks for an end: `finish` the session. */
  drain(session: Session): void;
}

/**
 * One connection to one broker, from hello to goodbye:
 *
 *     greeting ──welcome──▶ serving ──drain──▶ draining ──last reply──▶ over
 *         └──────────────────goodbye, malformed frame, connection closed──▶ over
 *
 * A broker that breaks the protocol (a batch without a credit, a number twice, a frame of the wrong direction) gets a
 * WireError, which ends its connection.
 */
export class Session {
  readonly #link: Link;
  readonly #events: SessionEvents;
  /** An array, not a map: one that empties and fills keeps old garbage alive (DECISIONS 89). */
  readonly #under: Work[] = [];
  #state: 'greeting' | 'serving' | 'draining' | 'over' = 'greeting';
  #credits = 0;
  /** What the broker shares with this session. */
  #memory: SharedMemory | undefined;
  #memoryTold = false;
  /** What the broker said when it closed. */
  farewell: string | undefined;

  constructor(link: Link, hello: Hello, events: SessionEvents) {
    this.#link = link;
    this.#events = events;
    link.send(controlFrame(FRAME.hello, hello));
  }

  get state(): 'greeting' | 'serving' | 'draining' | 'over' {
    return this.#state;
  }

  /** Batches that have come and have no reply yet. */
  get underWay(): number {
    return this.#under.length;
  }

  grant(n: number): void {
    if (this.#state !== 'serving') return;
    this.#credits += n;
    const shared = this.#memory !== undefined && !this.#memoryTold;
    this.#memoryTold = true;
    this.#link.send(controlFrame(FRAME.credit, { n, ...(shared && { shared }) }));
  }

  receive(frame: Frame): void {
    switch (frame.kind) {
      case FRAME.welcome: return this.#welcome(frame);
      case FRAME.batch: return this.#batch(frame);
      case FRAME.cancel: return this.#cancel(frame);
      case FRAME.drain: return this.#events.drain(this);
      case FRAME.goodbye: return this.#goodbye(frame);
      case FRAME.hello: case FRAME.credit: case FRAME.rows: case FRAME.done:
        throw new WireError(`frame kind ${frame.kind} goes from container to broker only`);
      default: // Heartbeats need no answer; unknown kinds are a later version's.
    }
  }

  /** Sends the reply of a batch: `write` fills a buffer got from `allocate`. `credits` is what its done frame grants. */
  reply(id: number, credits: number, write: (allocate: (bytes: number) => Buffer) => Buffer): void {
    const work = this.#take(id);
    if (work === undefined) return;
    if (this.#state !== 'over') {
      this.#credits += credits;
      let buffer: Buffer = NO_BYTES;
      const bytes = write((size) => (buffer = this.#link.buffers.take(size)));
      this.#link.send(bytes, () => this.#link.buffers.give(buffer));
    }
    // Only now: outputs may be views of the inputs.
    work.release();
    if (this.#state === 'draining' && this.#under.length === 0) this.leave('drained', 'every batch was answered');
  }

  /** Answers what is under way, then leaves. */
  finish(): void {
    if (this.#state === 'over') return;
    this.#state = 'draining';
    if (this.#under.length === 0) this.leave('drained', 'every batch was answered');
  }

  /** Says goodbye and closes. */
  leave(code: string, message: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#link.send(controlFrame(FRAME.goodbye, { code, message }));
    this.#link.end();
  }

  /** The connection is over: replies of batches under way go nowhere. */
  closed(): void {
    this.#state = 'over';
    this.#memory?.close();
    for (const work of this.#under) work.cancelAll();
  }

  #welcome(frame: Frame): void {
    if (this.#state !== 'greeting') throw new WireError('a second welcome');
    const welcome = parseWelcome(frame.header);
    if (welcome.wire !== WIRE_VERSION) throw new WireError(`the broker speaks wire version ${welcome.wire}, this container ${WIRE_VERSION}`);
    this.#state = 'serving';
    if (welcome.shared !== undefined) this.#memory = SharedMemory.open(welcome.shared);
    this.#events.welcomed(this, welcome.heartbeat_ms);
  }

  #batch(frame: Frame): void {
    if (this.#state !== 'serving' && this.#state !== 'draining') throw new WireError('a batch before the welcome');
    if (this.#credits === 0) throw new WireError(`batch ${frame.batch} came without a credit`);
    if (frame.batch === 0 || this.#find(frame.batch) !== undefined) throw new WireError(`batch number ${frame.batch} is 0 or under way already`);
    const header = parseBatch(frame.header, frame.payload.length, this.#memory?.bytes);
    this.#credits--;
    const work = new Work(frame.batch, header, frame.payload as Buffer, { link: this.#link, memory: this.#memory });
    this.#under.push(work);
    this.#events.batch(this, work);
  }

  #cancel(frame: Frame): void {
    const work = this.#find(frame.batch);
    // It crossed with the reply.
    if (work !== undefined) work.cancel(parseCancel(frame.header, work.header.rows).rows);
  }

  #find(id: number): Work | undefined {
    for (const work of this.#under) if (work.id === id) return work;
    return undefined;
  }

  #take(id: number): Work | undefined {
    const work = this.#find(id);
    if (work !== undefined) this.#under.splice(this.#under.indexOf(work), 1);
    return work;
  }

  #goodbye(frame: Frame): void {
    const { code, message } = parseGoodbye(frame.header);
    this.farewell = `${code}: ${message}`;
    this.closed();
    this.#link.end();
  }
}

const NO_BYTES = Buffer.alloc(0);
