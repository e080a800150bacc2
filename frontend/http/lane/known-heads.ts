import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import { type Head, readHead, type VaryingName } from './head.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = new Uint8Array(0);
const SPACE = 0x20;
const ZERO = 0x30;
const TILDE = 0x7e;
const MOST_DIGITS = 9;
/** Ids of requests and traces are shorter. */
const LONGEST_VALUE = 256;

export interface HeadLimits {
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** A head that the lane takes, and what becomes of its request. */
export interface KnownHead {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly take: (exchange: Exchange) => void;
}

export type HeadJudge = (head: Head) => KnownHead | undefined;

/**
 * Reads the heads of one connection. A client says the same again and again, but for the length of the body, and perhaps the
 * name of the request: a head that differs from the last one in those values alone is not read anew.
 */
export class KnownHeads {
  readonly #judge: HeadJudge;
  readonly #limits: HeadLimits;
  #known: KnownHead | undefined;
  /** What varies in it, and the bytes before each of these and behind the last. */
  #varying: readonly VaryingName[] = [];
  #pieces: readonly Uint8Array[] = [];
  /** Of the head that was read last: its headers, how long its body is, and where in the bytes that begins. */
  headers: IncomingHttpHeaders = {};
  bodyBytes = 0;
  bodyAt = 0;

  constructor(judge: HeadJudge, limits: HeadLimits) {
    this.#judge = judge;
    this.#limits = limits;
  }

  /** The head that begins at `at`. Undefined where it is not whole, or the request is not the lane's. */
  read(bytes: Buffer, at: number): KnownHead | undefined {
    const known = this.#known !== undefined && this.#again(this.#known, bytes, at) ? this.#known : this.#anew(bytes, at);
    return known !== undefined && this.bodyBytes <= this.#limits.bodyBytes ? known : undefined;
  }

  /** It is looked at byte by byte: to make a string of it first costs more than that. */
  #again(known: KnownHead, bytes: Buffer, at: number): boolean {
    const varying = this.#varying;
    const pieces = this.#pieces;
    let { headers } = known;
    let end = at;
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i] ?? NOTHING;
      if (!has(bytes, end, piece)) return false;
      end += piece.length;
      const name = varying[i];
      if (name === undefined) continue;
      const from = end;
      end = valueEnd(bytes, from);
      if (end === from) return false;
      if (name === 'content-length') {
        this.bodyBytes = lengthOf(bytes, from, end);
        if (this.bodyBytes < 0) return false;
      } else {
        // What does not vary stands behind it.
        if (headers === known.headers) headers = Object.create(known.headers) as IncomingHttpHeaders;
        headers[name] = bytes.toString('latin1', from, end);
      }
    }
    this.headers = headers;
    this.bodyAt = end;
    return true;
  }

  #anew(bytes: Buffer, at: number): KnownHead | undefined {
    const end = bytes.indexOf(HEAD_END, at) + HEAD_END.length;
    if (end < HEAD_END.length || end - at > this.#limits.headBytes) return undefined;
    const head = readHead(bytes.toString('latin1', at, end));
    const known = head === undefined ? undefined : this.#judge(head);
    if (head === undefined || known === undefined) return undefined;
    const { varying } = head;
    this.#known = known;
    this.#varying = varying.map(({ name }) => name);
    this.#pieces = [...varying, { from: end - at }].map(({ from }, i) => Uint8Array.from(bytes.subarray(at + (varying[i - 1]?.to ?? 0), at + from)));
    this.headers = known.headers;
    this.bodyBytes = head.bodyBytes;
    this.bodyAt = end;
    return known;
  }
}

/** Whether `expected` lies at `at`. */
function has(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  const { length } = expected;
  if (bytes.length - at < length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}

/** Where the value ends that begins at `from`, of one word of visible ASCII: any other is for `readHead`. */
function valueEnd(bytes: Uint8Array, from: number): number {
  const limit = Math.min(bytes.length, from + LONGEST_VALUE);
  let end = from;
  for (; end < limit; end++) {
    const byte = bytes[end] as number;
    if (byte <= SPACE || byte > TILDE) break;
  }
  return end;
}

/** A content length, or -1 where it is not written as `readHead` takes it. */
function lengthOf(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > MOST_DIGITS || (to - from > 1 && bytes[from] === ZERO)) return -1;
  let length = 0;
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}
