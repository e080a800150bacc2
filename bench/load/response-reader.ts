/** Most bytes that an answer may have, head and body together; more is a broken server. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const MAX_HEAD_BYTES = 64 * 1024;

/** Told of each whole answer; `body` is valid during the call only. */
export type OnResponse = (status: number, body: Buffer) => void;

/**
 * Cuts a connection's bytes into HTTP/1.1 answers with a Content-Length. Answers without one (chunked, until close) are
 * refused by an exception: every server that is measured here states it.
 */
export class ResponseReader {
  readonly #onResponse: OnResponse;
  /** What came of an answer that is not whole yet. */
  #rest: Buffer | undefined;

  constructor(onResponse: OnResponse) {
    this.#onResponse = onResponse;
  }

  /** Whether an answer has begun and is not whole. */
  get midway(): boolean {
    return this.#rest !== undefined;
  }

  /** `length` bytes of `chunk`, which the caller may use anew afterwards. */
  push(chunk: Buffer, length: number): void {
    let bytes = chunk;
    let end = length;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
      end = bytes.length;
      this.#rest = undefined;
    }
    const used = this.#cut(bytes, end);
    if (used < end) this.#rest = Buffer.from(bytes.subarray(used, end));
  }

  /** Hands over every whole answer and returns how many bytes they had. */
  #cut(bytes: Buffer, end: number): number {
    let at = 0;
    while (at < end) {
      const head = readHead(bytes, at, end);
      if (head === undefined || head.bodyAt + head.length > end) break;
      const bodyEnd = head.bodyAt + head.length;
      this.#onResponse(head.status, bytes.subarray(head.bodyAt, bodyEnd));
      at = bodyEnd;
    }
    return at;
  }
}

interface Head {
  readonly status: number;
  readonly bodyAt: number;
  readonly length: number;
}

const LINE_END = 10;
const NAME = Buffer.from('content-length:');

/** The head that starts at `from`; undefined where it is not whole. Names compare without case. */
function readHead(bytes: Buffer, from: number, end: number): Head | undefined {
  let length = -1;
  let line = from;
  for (let at = from; at < end; at++) {
    if (bytes[at] !== LINE_END) continue;
    if (at - line <= 1 && line !== from) {
      if (length < 0) throw new Error(`an answer without Content-Length: ${bytes.toString('latin1', from, at).trim()}`);
      return { status: readDigits(bytes, from + 'HTTP/1.1 '.length, end), bodyAt: at + 1, length };
    }
    if (isContentLength(bytes, line)) length = readLength(bytes, line + NAME.length, at);
    line = at + 1;
  }
  if (end - from > MAX_HEAD_BYTES) throw new Error(`an answer's head is longer than ${MAX_HEAD_BYTES} bytes`);
  return undefined;
}

function isContentLength(bytes: Buffer, line: number): boolean {
  for (let i = 0; i < NAME.length; i++) if (((bytes[line + i] ?? 0) | 0x20) !== ((NAME[i] ?? 0) | 0x20)) return false;
  return true;
}

function readLength(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (bytes[at] === 32) at++;
  const length = readDigits(bytes, at, end);
  if (length > MAX_RESPONSE_BYTES) throw new Error(`an answer of ${length} bytes is more than ${MAX_RESPONSE_BYTES}`);
  return length;
}

function readDigits(bytes: Buffer, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
