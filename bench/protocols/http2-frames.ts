/** Frames of HTTP/2 as bytes (RFC 9113, section 4 and 6): what a client of one bench needs of them. */
export const FRAME = { data: 0, headers: 1, priority: 2, resetStream: 3, settings: 4, pushPromise: 5, ping: 6, goAway: 7, windowUpdate: 8, continuation: 9 } as const;
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;
export const SETTING = { headerTableSize: 1, enablePush: 2, maxConcurrentStreams: 3, initialWindowSize: 4, maxFrameSize: 5 } as const;

export const HEAD_BYTES = 9;
/** What a window of flow control is before anybody says otherwise, and the most that it can be. */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const MOST_WINDOW_BYTES = 2 ** 31 - 1;
/** The longest payload that a peer sends which was not told of a longer one. */
export const DEFAULT_FRAME_BYTES = 16_384;
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface FrameHead {
  /** Of the payload. */
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
}

/** Writes the nine bytes before a payload; says where the payload begins. */
export function writeHead(into: Buffer, at: number, { length, type, flags, stream }: FrameHead): number {
  into.writeUIntBE(length, at, 3);
  into[at + 3] = type;
  into[at + 4] = flags;
  into.writeUInt32BE(stream, at + 5);
  return at + HEAD_BYTES;
}

export function frameOf({ payload, ...head }: Omit<FrameHead, 'length'> & { readonly payload: Uint8Array }): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + payload.length);
  bytes.set(payload, writeHead(bytes, 0, { ...head, length: payload.length }));
  return bytes;
}

export function settingsFrame(settings: readonly (readonly [setting: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  for (const [at, [setting, value]] of settings.entries()) payload.writeUInt32BE(value, payload.writeUInt16BE(setting, 6 * at));
  return frameOf({ type: FRAME.settings, flags: 0, stream: 0, payload });
}

/** What a SETTINGS frame says; where it says a thing twice, the last holds. */
export function readSettings(payload: Buffer): ReadonlyMap<number, number> {
  const settings = new Map<number, number>();
  for (let at = 0; at + 6 <= payload.length; at += 6) settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  return settings;
}

/** `stream` 0 is the connection. */
export function windowUpdateFrame(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frameOf({ type: FRAME.windowUpdate, flags: 0, stream, payload });
}

/** What reads a frame: its payload is valid until it returns. */
export type FrameSink = (head: FrameHead, payload: Buffer) => void;

/** Cuts what a connection says into frames, however its bytes come. */
export class FrameReader {
  readonly #sink: FrameSink;
  #begun: Buffer | undefined;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The bytes are done with when this returns. Throws where a frame is longer than was agreed. */
  push(chunk: Buffer): void {
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk]);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const length = bytes.readUIntBE(at, 3);
      if (length > DEFAULT_FRAME_BYTES) throw new Error(`a frame of ${length} bytes, where at most ${DEFAULT_FRAME_BYTES} were agreed`);
      const from = at + HEAD_BYTES;
      if (from + length > bytes.length) break;
      this.#sink({ length, type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, stream: bytes.readUInt32BE(at + 5) & MOST_WINDOW_BYTES }, bytes.subarray(from, from + length));
      at = from + length;
    }
    this.#begun = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  }
}
