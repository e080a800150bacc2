import { crc32 } from 'node:zlib';
import { MOST_COLUMNS, type RingContent } from './ring.ts';
import { SPANS, Track, type Span } from './track.ts';

const FORMAT = 1;
const CHECK_BYTES = 4;
const LENGTH_BYTES = 4;
const POINT_BYTES = 4;
const MOST_NAME_CHARS = 256;
const SPAN_NAMES = Object.keys(SPANS) as Span[];

/** More than a track can take. */
export const MOST_RECORD_BYTES = 2 ** 20;

interface Head {
  readonly format: number;
  readonly spans: readonly SpanHead[];
}

interface SpanHead {
  readonly span: Span;
  readonly stepMs: number;
  readonly length: number;
  readonly newest: number;
  /** Names of those that are counted, and of those that are measured. */
  readonly counted: readonly string[];
  readonly measured: readonly string[];
}

/**
 * A track as bytes, little-endian:
 *
 *     crc32 of the rest · length of the head · head (JSON) · of each span: known, a byte a step; each column, a float32 a step
 */
export function writeTrack(track: Track): Uint8Array {
  const parts: Uint8Array[] = [];
  const spans = SPAN_NAMES.map((span): SpanHead => {
    const { newest, known, columns } = track.ring(span).content;
    const named = (isMeasured: boolean): string[] => [...columns].filter(([, { blank }]) => Number.isNaN(blank) === isMeasured).map(([name]) => name);
    const [counted, measured] = [named(false), named(true)];
    parts.push(known, ...[...counted, ...measured].map((name) => bytesOf(columns.get(name)?.values ?? new Float32Array(known.length))));
    return { span, stepMs: SPANS[span].stepMs, length: SPANS[span].length, newest, counted, measured };
  });
  const head = Buffer.from(JSON.stringify({ format: FORMAT, spans } satisfies Head));
  const record = Buffer.concat([Buffer.alloc(CHECK_BYTES + LENGTH_BYTES), head, ...parts]);
  record.writeUInt32LE(head.length, CHECK_BYTES);
  record.writeUInt32LE(crc32(record.subarray(CHECK_BYTES)));
  return record;
}

/**
 * Undefined where it is damaged, of another format, or older than all that a track holds. A span of a time to come is empty: the
 * machine's clock was set back. `stoodUntilMs`: nothing has changed from when it was written until then.
 */
export function readTrack(bytes: Uint8Array, nowMs: number, stoodUntilMs = 0): Track | undefined {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (record.length < CHECK_BYTES + LENGTH_BYTES || record.readUInt32LE() !== crc32(record.subarray(CHECK_BYTES))) return undefined;
  const headEnd = CHECK_BYTES + LENGTH_BYTES + record.readUInt32LE(CHECK_BYTES);
  const spans = readHead(record.toString('utf8', CHECK_BYTES + LENGTH_BYTES, headEnd));
  if (spans === undefined || record.length !== headEnd + spans.reduce((sum, head) => sum + spanBytes(head), 0)) return undefined;
  const contents = new Map<Span, RingContent>();
  let at = headEnd;
  for (const head of spans) {
    const step = Math.floor(nowMs / head.stepMs);
    const newest = Math.max(head.newest, Math.floor(stoodUntilMs / head.stepMs) - 1);
    if (head.newest >= 0 && newest < step && newest > step - head.length) contents.set(head.span, contentAt(record, at, head));
    at += spanBytes(head);
  }
  if (contents.size === 0) return undefined;
  const track = new Track(contents);
  track.standUntil(stoodUntilMs);
  return track;
}

function contentAt(record: Buffer, start: number, { length, newest, counted, measured }: SpanHead): RingContent {
  const known = Uint8Array.from(record.subarray(start, start + length), (value) => (value === 1 ? 1 : 0));
  let at = start + length;
  const columns = new Map<string, { values: Float32Array; blank: number }>();
  for (const name of [...counted, ...measured]) {
    const values = new Float32Array(length);
    bytesOf(values).set(record.subarray(at, at + length * POINT_BYTES));
    columns.set(name, { values, blank: columns.size < counted.length ? 0 : Number.NaN });
    at += length * POINT_BYTES;
  }
  return { newest, known, columns };
}

function spanBytes({ length, counted, measured }: SpanHead): number {
  return length * (1 + POINT_BYTES * (counted.length + measured.length));
}

function readHead(text: string): readonly SpanHead[] | undefined {
  try {
    const { format, spans } = JSON.parse(text) as Head;
    return format === FORMAT && spans.every(isSpanHead) ? spans : undefined;
  } catch {
    return undefined;
  }
}

function isSpanHead({ span, stepMs, length, newest, counted, measured }: SpanHead): boolean {
  const shape = SPANS[span];
  const names = [...counted, ...measured];
  return stepMs === shape.stepMs && length === shape.length && Number.isSafeInteger(newest)
    && new Set(names).size === names.length && names.length <= MOST_COLUMNS && names.every((name) => typeof name === 'string' && name.length <= MOST_NAME_CHARS);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
