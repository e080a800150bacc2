import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import { type Head, readHead } from './head.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = new Uint8Array(0);
const ZERO = 0x30;
const MOST_DIGITS = 9;

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
 * Reads the heads of one connection. A client says the same again and again, but for the length of the body: a head that
 * differs from the last one in those digits alone is not read anew.
 */
export class KnownHeads {
  readonly #judge: HeadJudge;
  readonly #limits: HeadLimits;
  #known: KnownHead | undefined;
  /** Its bytes before the digits of the length, and behind them. */
  #before: Uint8Array = NOTHING;
  #behind: Uint8Array = NOTHING;
  /** Of the head that was read last: how long its body is, and where in the bytes it begins. */
  bodyBytes = 0;
  bodyAt = 0;

  constructor(judge: HeadJudge, limits: HeadLimits) {
    this.#judge = judge;
    this.#limits = limits;
  }

  /** The head that begins at `at`. Undefined where it is not whole, or the request is not the lane's. */
  read(bytes: Buffer, at: number): KnownHead | undefined {
    return this.#again(bytes, at) ?? this.#anew(bytes, at);
  }

  /** It is looked at byte by byte: to make a string of it first costs more than that. */
  #again(bytes: Buffer, at: number): KnownHead | undefined {
    const before = this.#before;
    if (this.#known === undefined || !has(bytes, at, before)) return undefined;
    const lengthAt = at + before.length;
    let bodyBytes = 0;
    let end = lengthAt;
    for (; end < lengthAt + MOST_DIGITS; end++) {
      const digit = (bytes[end] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      bodyBytes = bodyBytes * 10 + digit;
    }
    // What else may be wrong with a length is not for here.
    const isPlain = end === lengthAt + 1 || (end > lengthAt && bytes[lengthAt] !== ZERO);
    return isPlain && has(bytes, end, this.#behind) ? this.#fitting(this.#known, bodyBytes, end + this.#behind.length) : undefined;
  }

  #anew(bytes: Buffer, at: number): KnownHead | undefined {
    const end = bytes.indexOf(HEAD_END, at) + HEAD_END.length;
    if (end < HEAD_END.length || end - at > this.#limits.headBytes) return undefined;
    const head = readHead(bytes.toString('latin1', at, end));
    const known = head === undefined ? undefined : this.#judge(head);
    if (head === undefined || known === undefined) return undefined;
    this.#known = known;
    this.#before = Uint8Array.from(bytes.subarray(at, at + head.lengthFrom));
    this.#behind = Uint8Array.from(bytes.subarray(at + head.lengthTo, end));
    return this.#fitting(known, head.bodyBytes, end);
  }

  #fitting(known: KnownHead, bodyBytes: number, bodyAt: number): KnownHead | undefined {
    this.bodyBytes = bodyBytes;
    this.bodyAt = bodyAt;
    return bodyBytes <= this.#limits.bodyBytes ? known : undefined;
  }
}

/** Whether `expected` lies at `at`. */
function has(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  const { length } = expected;
  if (bytes.length - at < length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== expected[i]) return false;
  return true;
}
