import { WireError } from './wire.ts';

/** How a field lies in a message (protobuf encoding, "Message Structure"). */
export const WIRE = Object.freeze({ varint: 0, fixed64: 1, bytes: 2, fixed32: 5 });
export type Wire = (typeof WIRE)[keyof typeof WIRE];

/** Bytes that `value` takes as a varint; a whole number from 0 to 2^53. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Writes a varint at `at` and returns where it ends. */
export function writeVarint(target: Uint8Array, value: number, at: number): number {
  let rest = value;
  let end = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) target[end++] = (rest % 0x80) | 0x80;
  target[end++] = rest;
  return end;
}

/** Longest text that is looked at character by character. */
const SHORT_TEXT = 128;

/** Writes small messages: headers and requests, never tensors. */
export class ProtoWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  /** What has been written; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  reset(): this {
    this.#length = 0;
    return this;
  }

  varint(field: number, value: number): this {
    this.#ensure(20);
    this.#tag(field, WIRE.varint);
    this.#length = writeVarint(this.#buffer, value, this.#length);
    return this;
  }

  double(field: number, value: number): this {
    this.#ensure(20);
    this.#tag(field, WIRE.fixed64);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
    return this;
  }

  text(field: number, text: string): this {
    if (text.length <= SHORT_TEXT && this.#ascii(field, text)) return this;
    const bytes = Buffer.byteLength(text);
    this.#head(field, bytes);
    this.#length += this.#buffer.write(text, this.#length);
    return this;
  }

  /** Names and words are short and ASCII: a loop over them takes less time than a call into the runtime. */
  #ascii(field: number, text: string): boolean {
    const before = this.#length;
    this.#head(field, text.length);
    let at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c > 0x7f) {
        this.#length = before;
        return false;
      }
      this.#buffer[at++] = c;
    }
    this.#length = at;
    return true;
  }

  float(field: number, value: number): this {
    this.#ensure(20);
    this.#tag(field, WIRE.fixed32);
    this.#length = this.#buffer.writeFloatLE(value, this.#length);
    return this;
  }

  /** A message, or packed numbers, written elsewhere. */
  nested(field: number, bytes: Uint8Array): this {
    this.#head(field, bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Packed varints; none is left out altogether, as proto3 has it. */
  packed(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    this.#head(field, values.reduce((sum, value) => sum + varintBytes(value), 0));
    for (const value of values) this.#length = writeVarint(this.#buffer, value, this.#length);
    return this;
  }

  /** Packed int64s of which some may be below 0: those take ten bytes, as protobuf has it. */
  packedSigned(field: number, values: readonly number[]): this {
    if (values.every((value) => value >= 0)) return this.packed(field, values);
    this.#head(field, values.reduce((sum, value) => sum + (value < 0 ? 10 : varintBytes(value)), 0));
    for (const value of values) this.#length = value < 0 ? this.#negative(value) : writeVarint(this.#buffer, value, this.#length);
    return this;
  }

  #negative(value: number): number {
    let rest = BigInt.asUintN(64, BigInt(value));
    let end = this.#length;
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[end++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[end++] = Number(rest);
    return end;
  }

  #head(field: number, bytes: number): void {
    this.#ensure(20 + bytes);
    this.#tag(field, WIRE.bytes);
    this.#length = writeVarint(this.#buffer, bytes, this.#length);
  }

  #tag(field: number, wire: Wire): void {
    this.#length = writeVarint(this.#buffer, field * 8 + wire, this.#length);
  }

  #ensure(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/**
 * Walks over the fields of one message, or a part of it: `next` goes to a field, then one of the readers takes its value
 * (or `skip`). Throws `WireError` on bytes that are no message.
 */
export class ProtoReader {
  readonly bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** Of the field that `next` came to. */
  field = 0;
  wire = -1;

  constructor(bytes: Buffer, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  /** Where in `bytes` it stands. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  next(): boolean {
    if (this.done) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag % 8;
    return true;
  }

  /** Also of an int64: what is beyond 2^53 comes rounded. */
  varint(): number {
    let value = 0;
    let scale = 1;
    // Seven bytes hold 49 bits: up to there a double is exact.
    for (let at = this.#at; at < this.#end && scale < 2 ** 49; at++, scale *= 0x80) {
      const byte = this.bytes[at] as number;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      this.#at = at + 1;
      return value;
    }
    return Number(BigInt.asIntN(64, this.bigVarint()));
  }

  /** The 64 bits of a varint, unsigned. */
  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) break;
      const byte = this.bytes[this.#at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('protobuf: a number that does not end');
  }

  text(): string {
    const { from, length } = this.span();
    return this.bytes.toString('utf8', from, from + length);
  }

  message(): ProtoReader {
    const { from, length } = this.span();
    return new ProtoReader(this.bytes, from, from + length);
  }

  /** Where the bytes of a field lie. */
  span(): { readonly from: number; readonly length: number } {
    if (this.wire !== WIRE.bytes) throw new WireError(`protobuf: field ${this.field} is of wire type ${this.wire}, not of bytes`);
    const length = this.varint();
    return { from: this.#take(length), length };
  }

  /** Numbers of a repeated field, packed or one by one. */
  varints(read: () => void): void {
    if (this.wire !== WIRE.bytes) return read();
    const { from, length } = this.span();
    const inner = from + length;
    this.#at = from;
    while (this.#at < inner) read();
    if (this.#at !== inner) throw new WireError(`protobuf: packed field ${this.field} does not end where it says`);
  }

  /** Bytes of a repeated field of fixed size: packed, or of one element. */
  fixed(size: 4 | 8): Buffer {
    if (this.wire === WIRE.bytes) {
      const { from, length } = this.span();
      return this.bytes.subarray(from, from + length);
    }
    const from = this.#take(size);
    return this.bytes.subarray(from, from + size);
  }

  skip(): void {
    switch (this.wire) {
      case WIRE.varint: return void this.bigVarint();
      case WIRE.fixed64: return void this.#take(8);
      case WIRE.bytes: return void this.span();
      case WIRE.fixed32: return void this.#take(4);
      default: throw new WireError(`protobuf: wire type ${this.wire}`);
    }
  }

  #take(length: number): number {
    const from = this.#at;
    if (!(length >= 0 && from + length <= this.#end)) throw new WireError(`protobuf: field ${this.field} goes beyond its message`);
    this.#at = from + length;
    return from;
  }
}
