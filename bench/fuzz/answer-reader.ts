/** One final answer as it came. */
export interface RawAnswer {
  readonly status: number;
  /** The head, with its names as they were written. */
  readonly head: string;
  readonly body: Buffer;
  /** The broker says that it ends the connection after it. */
  readonly closes: boolean;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Cuts what a connection says into final answers; interim ones (1xx) are passed over. It has to be told of each answer
 * whether its request was a HEAD, for such an answer has no body, whatever length it states.
 * Throws Error on bytes that are no HTTP/1.1 answer.
 */
export class AnswerReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly answers: RawAnswer[] = [];
  readonly #isHead: (answer: number) => boolean;

  constructor(isHead: (answer: number) => boolean) {
    this.#isHead = isHead;
  }

  /** Bytes that are no whole answer yet. */
  get unfinished(): number {
    return this.#rest.length;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#rest.length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes and no whole answer`);
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#rest.toString('latin1', 0, end);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
      if (Number.isNaN(status)) throw new Error(`no HTTP answer: ${JSON.stringify(head.slice(0, 200))}`);
      const length = this.#bodyLength(status, head);
      if (this.#rest.length < end + 4 + length) return;
      const body = this.#rest.subarray(end + 4, end + 4 + length);
      this.#rest = this.#rest.subarray(end + 4 + length);
      if (status >= 200) this.answers.push({ status, head, body, closes: /^connection: close\r?$/im.test(head) });
    }
  }

  #bodyLength(status: number, head: string): number {
    if (status < 200 || status === 204 || status === 304 || this.#isHead(this.answers.length)) return 0;
    const length = /^content-length: (\d+)\r?$/im.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without Content-Length: ${JSON.stringify(head.slice(0, 400))}`);
    return Number(length);
  }
}
