import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Answered } from './broker-process.ts';

export interface LoadOptions {
  readonly url: string;
  readonly app: string;
  /** Keep-alive connections, each with one query under way. */
  readonly connections: number;
  readonly sloMs: number;
  /** Input of query `n`; no two need be equal, so that an answer shows whose it is. */
  readonly input: (n: number) => unknown;
  /** What a model must answer to query `n`. */
  readonly expected: (n: number) => unknown;
}

/** What became of the queries: each was sent once and, if all is well, answered once. */
export interface LoadReport {
  readonly sent: number;
  readonly answered: number;
  /** Connections that closed, or said something that nobody had asked for; each cost an answer or brought one too many. */
  readonly broken: readonly string[];
  /** Answers that were another query's, or none that can be. */
  readonly wrong: readonly string[];
  /** Counted by `status source reason-or-code`: "200 model", "200 default no_replica", "503 queue_full". */
  readonly kinds: Readonly<Record<string, number>>;
}

/**
 * Closed-loop load over keep-alive connections. Bytes beyond an answer, and a connection that closes before one, are
 * faults that are counted; so is a decision id that comes twice.
 */
export class SteadyLoad {
  readonly #options: LoadOptions;
  readonly #kinds = new Map<string, number>();
  readonly #ids = new Set<string>();
  readonly #broken: string[] = [];
  readonly #wrong: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #connections: Promise<void>[];
  #sent = 0;
  #answered = 0;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#connections = Array.from({ length: options.connections }, () => this.#drive());
  }

  /** Resolves once so many more queries were answered. */
  async answers(more: number): Promise<void> {
    const enough = this.#answered + more;
    await this.#until(() => this.#answered >= enough);
  }

  /** Resolves once so many more answers of this kind were given. */
  async kind(kind: string, more = 1): Promise<void> {
    const enough = (this.#kinds.get(kind) ?? 0) + more;
    await this.#until(() => (this.#kinds.get(kind) ?? 0) >= enough);
  }

  /** Sends no more, waits for what is under way, and reports. */
  async stop(): Promise<LoadReport> {
    this.#stopping = true;
    await Promise.all(this.#connections);
    return { sent: this.#sent, answered: this.#answered, broken: this.#broken, wrong: this.#wrong, kinds: Object.fromEntries(this.#kinds) };
  }

  /** Goes on until the other side has ended every connection; an end that the last answer told of is no fault. */
  async closed(): Promise<LoadReport> {
    await Promise.all(this.#connections);
    return this.stop();
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached() && !this.#stopping) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async #drive(): Promise<void> {
    const { hostname, port, host } = new URL(this.#options.url);
    const socket = connect(Number(port), hostname);
    const wire = new Wire(socket);
    while (!this.#stopping && wire.fault === undefined) {
      const n = ++this.#sent;
      socket.write(this.#request(n, host));
      const reply = await wire.next();
      if (reply === undefined) break;
      this.#take(n, reply);
      if (reply.closes) break;
    }
    if (wire.fault !== undefined) this.#broken.push(wire.fault);
    socket.destroy();
  }

  #request(n: number, host: string): string {
    const { app, sloMs, input } = this.#options;
    const body = JSON.stringify({ input: input(n), slo_ms: sloMs });
    return `POST /v1/apps/${app}/predict HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  }

  #take(n: number, { status, body }: Reply): void {
    const answer = JSON.parse(body) as Answered;
    const kind = [status, answer.source, answer.reason ?? answer.error?.code].filter((word) => word !== undefined).join(' ');
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    const right = answer.source !== 'model' || answer.output === this.#options.expected(n);
    if (!right || this.#ids.has(answer.decision_id ?? '')) this.#wrong.push(`query ${n}: ${body}`);
    if (answer.decision_id !== undefined) this.#ids.add(answer.decision_id);
    this.#answered++;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

interface Reply {
  readonly status: number;
  readonly body: string;
  /** It says that the connection ends with it. */
  readonly closes: boolean;
}

/** One connection, one reply at a time. */
class Wire {
  fault: string | undefined;
  #text = '';
  #waiting: ((reply: Reply | undefined) => void) | undefined;

  constructor(socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
      this.#read();
    });
    socket.on('error', (error) => this.#break(error.message));
    socket.on('close', () => this.#break('closed'));
  }

  /** Undefined where the connection ends first. */
  next(): Promise<Reply | undefined> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      if (this.fault !== undefined) resolve(undefined);
    });
  }

  #read(): void {
    const head = this.#text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/iu.exec(this.#text.slice(0, head))?.[1]);
    const end = head + 4 + length;
    if (!(this.#text.length >= end)) return;
    const reply = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(head + 4, end), closes: /\r\nconnection: close/iu.test(this.#text.slice(0, head)) };
    this.#text = this.#text.slice(end);
    const resolve = this.#waiting;
    this.#waiting = undefined;
    if (resolve === undefined) this.#break(`an answer that nobody asked for: ${reply.body}`);
    else if (this.#text !== '') this.#break(`more than the answer: ${this.#text}`);
    resolve?.(reply);
  }

  #break(why: string): void {
    this.fault ??= why;
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }
}
