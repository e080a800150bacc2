import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import { type Head, lengthOf, readHead } from './head.ts';

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
  readonly #maxBodyBytes: number;
  #known: KnownHead | undefined;
  #before = '';
  #behind = '';
  /** Of the head that was read last. */
  bodyBytes = 0;

  constructor(judge: HeadJudge, maxBodyBytes: number) {
    this.#judge = judge;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Undefined where the request is not the lane's. */
  read(text: string): KnownHead | undefined {
    const before = this.#before;
    const behind = this.#behind;
    if (this.#known !== undefined && text.length > before.length + behind.length && text.startsWith(before) && text.endsWith(behind)) {
      const bodyBytes = lengthOf(text.slice(before.length, -behind.length));
      if (bodyBytes !== undefined) return this.#fitting(this.#known, bodyBytes);
    }
    const head = readHead(text);
    const known = head === undefined ? undefined : this.#judge(head);
    if (head === undefined || known === undefined) return undefined;
    this.#known = known;
    this.#before = text.slice(0, head.lengthFrom);
    this.#behind = text.slice(head.lengthTo);
    return this.#fitting(known, head.bodyBytes);
  }

  #fitting(known: KnownHead, bodyBytes: number): KnownHead | undefined {
    this.bodyBytes = bodyBytes;
    return bodyBytes <= this.#maxBodyBytes ? known : undefined;
  }
}
