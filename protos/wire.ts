// Not 'msgpackr' itself: that calls a native library for every text, which costs small maps twice what they cost without.
import { Packr } from 'msgpackr';
import type { Dtype } from './dtype.ts';
import { HeaderMemo } from './header-memo.ts';

/**
 * The container wire, version 1: length-prefixed frames over a Unix socket or TCP. The contract in prose is
 * model-containers/README.md; bytes that every kit must read and write alike are in protos/golden/.
 *
 *     0      'T'            8   u32 payload bytes P (padding before it not counted)
 *     1      'W'            12  u32 batch id, 0 where the frame belongs to no batch
 *     2      wire version   16  header: one msgpack map of H bytes (H may be 0: an empty map)
 *     3      frame kind     16 + H rounded up to a multiple of 8: payload, the tensors in header order,
 *     4  u32 header bytes H     each beginning at a multiple of 8 counted from the payload's start
 *
 * All integers are little-endian. A reader ignores header keys and frame kinds that it does not know.
 */
export const WIRE_VERSION = 1;
export const PREFIX_BYTES = 16;
export const MAX_HEADER_BYTES = 8 * 1024 * 1024;
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;
export const MAX_BATCH_ROWS = 1024 * 1024;

export const FRAME = Object.freeze({
  /** container → broker, first on every connection. Header: `Hello`. */
  hello: 1,
  /** broker → container: accepted. Header: `Welcome`. */
  welcome: 2,
  /** container → broker: `n` more batches may be sent. Header: `Credit`. */
  credit: 3,
  /** broker → container. Header: `BatchHeader`, payload: the input tensors. */
  batch: 4,
  /** container → broker: some rows of a batch are answered. Header: `RowsHeader`, payload: the output tensors. */
  rows: 5,
  /** container → broker: nothing more will come for this batch. Header: `DoneHeader`. */
  done: 6,
  /** both ways, empty: this side lives. */
  heartbeat: 7,
  /** broker → container: these rows are no longer wanted; answering them all the same does no harm. Header: `Cancel`. */
  cancel: 8,
  /** broker → container: answer what you have, say goodbye, end. */
  drain: 9,
  /** both ways: this side closes, and why. Header: `Goodbye`. */
  goodbye: 10,
});
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** A named tensor of a signature. `shape` is that of ONE ROW, batch axis left out; -1 stands for any extent. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Rows of one batch may differ in the extents that are -1. Without it, all rows of a batch have one shape. */
  readonly ragged?: boolean;
}

/**
 * How the rows of one tensor lie in a payload: one after another without gaps, in row order.
 * `lengths` (bytes of each row) is present where rows differ in size: ragged rows and dtype `bytes`.
 * `shapes` (one a row) is present where rows differ in shape; `shape` is then the signature's, with -1.
 */
export interface TensorPart {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly lengths?: readonly number[];
  readonly shapes?: readonly (readonly number[])[];
}

export interface Hello {
  readonly wire: number;
  /** `worker` takes batches; `watchdog` only sends heartbeats for the worker that has the same `pid` and token. */
  readonly role: 'worker' | 'watchdog';
  readonly model: string;
  readonly version: number;
  readonly pid: number;
  /** The replica's own token, where the broker started it; absent where the broker dialled. */
  readonly token?: string;
  /** Name and version of the kit, for the operator. */
  readonly kit?: string;
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  /** Most rows that one batch may have; absent: no limit of its own. */
  readonly max_batch?: number;
  /**
   * Only where the container listens: the address on which its watchdog does (`unix:/path` or `tcp://host:port`; an empty
   * host is the one that was dialled). Who dials it gets a hello with role `watchdog`, then heartbeats.
   */
  readonly watchdog?: string;
  /** Facts for the operator: framework, execution provider, threads. */
  readonly about?: Readonly<Record<string, string | number | boolean>>;
}
export interface Welcome {
  readonly wire: number;
  readonly heartbeat_ms: number;
  readonly replica: string;
  /** Only over a Unix socket: memory that large batches can lie in. */
  readonly shared?: SharedOffer;
}
/** A file in memory on the machine of both sides; it has no name any more, and is there as long as one side has it open. */
export interface SharedOffer {
  readonly path: string;
  readonly bytes: number;
  /** What its first bytes are, in ASCII: what `path` leads to in another namespace is not this file. */
  readonly token: string;
}
export interface Credit {
  readonly n: number;
  /** With the first credit: the memory that was offered is open, and batches may lie in it. */
  readonly shared?: boolean;
}
export interface BatchHeader {
  readonly rows: number;
  /** Microseconds left until the earliest deadline of the batch when it was sent; never absolute, clocks differ. */
  readonly budget_us: number;
  readonly inputs: readonly TensorPart[];
  /** The payload lies in the shared memory from this byte on, until the batch is done; the frame's own is then empty. */
  readonly shared?: number;
  /** Outputs that are wanted; absent: all. */
  readonly outputs?: readonly string[];
  readonly signature?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly sequence?: unknown;
  readonly traceparent?: string;
}
export interface RowsHeader {
  /** Row numbers of the batch that this frame answers, in the order in which they lie in the payload. */
  readonly at: readonly number[];
  /** Absent where the frame carries only errors. */
  readonly outputs?: readonly TensorPart[];
  /** Rows that failed; they are not in `at`. `code` is a word for machines (`bad_input`, `model_error`). */
  readonly errors?: readonly { readonly row: number; readonly code: string; readonly message: string }[];
}
export interface DoneHeader {
  /** Microseconds that the model itself took. */
  readonly compute_us: number;
  /** Credits that come back with it (0 if absent). */
  readonly credit?: number;
  /** The whole batch failed: every row not yet answered has this error. */
  readonly error?: { readonly code: string; readonly message: string };
}
export interface Cancel { readonly rows: readonly number[] }
export interface Goodbye { readonly code: string; readonly message: string }

/** Why a peer's bytes cannot be a frame. The connection they came on ends; nothing else does. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false, int64AsType: 'number' });

export function padTo8(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Bytes of the payload that holds these tensors, alignment gaps included. */
export function payloadBytes(parts: readonly { readonly bytes: number }[]): number {
  let end = 0;
  for (const part of parts) end = padTo8(end) + part.bytes;
  return end;
}

/** Packs a header map, keys in the order in which the object has them; `undefined` values must not occur (leave the key out). */
export function packHeader(header: object): Uint8Array {
  return packr.pack(header);
}

/**
 * Writes prefix, header and padding at `target[0…]` and returns where the payload begins.
 * `target` must hold `frameBytes(header, payload)` bytes; the caller writes the payload itself.
 */
export function writeFrameHead(target: Buffer, kind: FrameKind, batch: number, header: Uint8Array | undefined, payload: number): number {
  const headerLength = header === undefined ? 0 : header.length;
  target[0] = 0x54;
  target[1] = 0x57;
  target[2] = WIRE_VERSION;
  target[3] = kind;
  target.writeUInt32LE(headerLength, 4);
  target.writeUInt32LE(payload, 8);
  target.writeUInt32LE(batch, 12);
  if (header === undefined) return PREFIX_BYTES;
  target.set(header, PREFIX_BYTES);
  const start = PREFIX_BYTES + padTo8(headerLength);
  target.fill(0, PREFIX_BYTES + headerLength, start);
  return start;
}

/** Bytes of a whole frame with a header of `header` bytes and a payload of `payload` bytes. */
export function frameBytes(header: number, payload: number): number {
  return PREFIX_BYTES + padTo8(header) + payload;
}

/** A whole frame without a payload, in a buffer of its own. */
export function controlFrame(kind: FrameKind, header?: object, batch = 0): Buffer {
  const packed = header === undefined ? undefined : packHeader(header);
  const frame = Buffer.allocUnsafe(frameBytes(packed?.length ?? 0, 0));
  writeFrameHead(frame, kind, batch, packed, 0);
  return frame;
}

const NOTHING = Buffer.alloc(0);
const KEPT_BYTES = 4 * 1024 * 1024;
/** For less than this the detour over a chunk, which may bring further frames too, is cheaper than a read of its own. */
const LEAST_ROOM_BYTES = 32 * 1024;

/** One frame as it was read. `payload` is a view that ends with the callback: copy what must outlive it. */
export interface Frame {
  readonly kind: number;
  readonly batch: number;
  /**
   * The decoded header map; `{}` where the frame had none. Untrusted: check before use. Not to be changed: frames of kind
   * `rows` whose headers are equal to the byte may have one object.
   */
  readonly header: unknown;
  readonly payload: Uint8Array;
}

/**
 * Cuts a byte stream into frames. `push` takes the chunks as they come and calls back once per whole frame.
 * Throws `WireError` on bytes that cannot be a frame, or on one over the limits; the reader is then of no more use.
 */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  readonly #maxPayloadBytes: number;
  readonly #maxHeaderBytes: number;
  /** The beginning of a frame whose end has not come yet; reused from frame to frame, grown by need. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;
  /** The frame being handed over lies in `#partial`, not in the chunk. */
  #emitsPartial = false;
  #chunkKept = false;
  /** Answers to batches of as many rows mostly have the same header. */
  readonly #rowsHeaders = new HeaderMemo(unpackHeader);

  constructor(onFrame: (frame: Frame) => void, limits: { maxPayloadBytes?: number; maxHeaderBytes?: number } = {}) {
    this.#onFrame = onFrame;
    this.#maxPayloadBytes = limits.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
    this.#maxHeaderBytes = limits.maxHeaderBytes ?? MAX_HEADER_BYTES;
  }

  /** Bytes of an unfinished frame that are held. */
  get heldBytes(): number {
    return this.#partialBytes;
  }

  /**
   * Called inside the callback: whoever got the frame keeps its memory beyond it. True where that memory belongs to the
   * chunk, which the one who pushed it must then not use again until he is told that it is free.
   */
  keep(): boolean {
    if (this.#emitsPartial) this.#partial = NOTHING;
    else this.#chunkKept = true;
    return !this.#emitsPartial;
  }

  /** Whether a frame of this chunk was kept. */
  push(chunk: Buffer): boolean {
    this.#chunkKept = false;
    this.#cut(chunk);
    return this.#chunkKept;
  }

  /**
   * Where the rest of a large frame belongs, whose beginning has come: what the next read puts there is told to `took`, and not
   * copied again. Undefined where the next chunk is to be pushed.
   */
  room(): Buffer | undefined {
    if (this.#partialBytes < PREFIX_BYTES) return undefined;
    const total = this.#frameLength(this.#partial, 0);
    if (total - this.#partialBytes < LEAST_ROOM_BYTES) return undefined;
    this.#reserve(total);
    return this.#partial.subarray(this.#partialBytes, total);
  }

  /** So many bytes have been read into the room that was given last. */
  took(bytes: number): void {
    this.#partialBytes += bytes;
    this.#cut(NOTHING);
  }

  #cut(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || this.#partialBytes > 0) {
      if (this.#partialBytes > 0) {
        at += this.#fill(chunk, at, PREFIX_BYTES);
        if (this.#partialBytes < PREFIX_BYTES) return;
        const total = this.#frameLength(this.#partial, 0);
        at += this.#fill(chunk, at, total);
        if (this.#partialBytes < total) return;
        this.#partialBytes = 0;
        this.#emitsPartial = true;
        this.#emit(this.#partial, 0);
        this.#emitsPartial = false;
        // Memory for a large frame is held only while one comes in.
        if (this.#partial.length > KEPT_BYTES) this.#partial = NOTHING;
        continue;
      }
      const rest = chunk.length - at;
      if (rest >= PREFIX_BYTES) {
        const total = this.#frameLength(chunk, at);
        if (rest >= total) {
          this.#emit(chunk, at);
          at += total;
          continue;
        }
        this.#reserve(total);
      }
      at += this.#fill(chunk, at, this.#partialBytes + rest);
      return;
    }
  }

  /** Takes from `chunk` until `until` bytes are held; says how many it took. */
  #fill(chunk: Buffer, at: number, until: number): number {
    const take = Math.min(until - this.#partialBytes, chunk.length - at);
    if (take <= 0) return 0;
    this.#reserve(this.#partialBytes + take);
    chunk.copy(this.#partial, this.#partialBytes, at, at + take);
    this.#partialBytes += take;
    return take;
  }

  #reserve(bytes: number): void {
    if (this.#partial.length >= bytes) return;
    // allocUnsafeSlow: a buffer of its own begins at offset 0, so a payload read into it is aligned.
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes, this.#partial.length * 2, 4096));
    this.#partial.copy(grown, 0, 0, this.#partialBytes);
    this.#partial = grown;
  }

  #frameLength(bytes: Buffer, at: number): number {
    if (bytes[at] !== 0x54 || bytes[at + 1] !== 0x57) throw new WireError('not a frame: it does not begin with "TW"');
    if (bytes[at + 2] !== WIRE_VERSION) throw new WireError(`wire version ${bytes[at + 2]}; this side speaks ${WIRE_VERSION}`);
    const header = bytes.readUInt32LE(at + 4);
    const payload = bytes.readUInt32LE(at + 8);
    if (header > this.#maxHeaderBytes) throw new WireError(`header of ${header} bytes; at most ${this.#maxHeaderBytes}`);
    if (payload > this.#maxPayloadBytes) throw new WireError(`payload of ${payload} bytes; at most ${this.#maxPayloadBytes}`);
    return frameBytes(header, payload);
  }

  #emit(bytes: Buffer, at: number): void {
    const headerLength = bytes.readUInt32LE(at + 4);
    const headerStart = at + PREFIX_BYTES;
    const payloadStart = headerStart + padTo8(headerLength);
    const kind = bytes[at + 3] ?? 0;
    this.#onFrame({
      kind,
      batch: bytes.readUInt32LE(at + 12),
      header: headerLength === 0 ? {} : this.#header(kind, bytes, headerStart, headerStart + headerLength),
      payload: bytes.subarray(payloadStart, payloadStart + bytes.readUInt32LE(at + 8)),
    });
  }

  #header(kind: number, bytes: Buffer, start: number, end: number): unknown {
    return kind === FRAME.rows ? this.#rowsHeaders.header(bytes, start, end) : unpackHeader(bytes.subarray(start, end));
  }
}

function unpackHeader(packed: Uint8Array): unknown {
  try {
    return packr.unpack(packed);
  } catch (cause) {
    throw new WireError('header is not msgpack', { cause });
  }
}
