import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import { judge, type ControlAnswer } from './judge.ts';
import type { Message } from './message.ts';
import type { Played } from './program.ts';
import type { Scenario } from './scenario.ts';

export interface ClientOptions {
  readonly port: number;
  readonly control: ControlAnswer;
  /** By when every request is answered or its connection ended. */
  readonly hangMs: number;
}

/** One connection after another, one scenario after another. */
export class FuzzClient {
  readonly #options: ClientOptions;
  #socket: Socket | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Never rejects; a broker that takes no connections is a fault like others. */
  async play(scenario: Scenario): Promise<Played> {
    const kept = this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable ? this.#socket : undefined;
    const socket = kept ?? await this.#open();
    if (socket === undefined) return { fault: 'the broker takes no connections', statuses: [] };
    const play = new Play(socket, scenario, this.#options);
    const outcome = await play.outcome();
    if (kept !== undefined && play.endedUnheard) {
      // A server may close a kept connection as the next request comes: clients ask again on a new one (RFC 9112, 9.3.1).
      this.#socket = undefined;
      return this.play(scenario);
    }
    const reusable = scenario.ending === 'keep' && outcome.fault === undefined && play.isReusable;
    if (!reusable) socket.destroy();
    this.#socket = reusable ? socket : undefined;
    return outcome;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      // The broker may end its side first: ours stays open until we say so.
      const socket = connect({ host: '127.0.0.1', port: this.#options.port, noDelay: true, allowHalfOpen: true });
      socket.once('connect', () => resolve(socket));
      socket.once('error', () => resolve(undefined));
      // Resets are part of the play.
      socket.on('error', () => undefined);
    });
  }
}

const HEAD: Message = Object.freeze({ method: 'HEAD', path: '/', headers: [], body: Buffer.alloc(0) });

class Play {
  readonly #socket: Socket;
  readonly #scenario: Scenario;
  readonly #options: ClientOptions;
  readonly #reader: AnswerReader;
  /** What the answers are to, as far as that is known. */
  readonly #asked: readonly Message[];
  #garbage: string | undefined;
  #ended = false;
  #settle: () => void = () => undefined;

  constructor(socket: Socket, scenario: Scenario, options: ClientOptions) {
    this.#socket = socket;
    this.#scenario = scenario;
    this.#options = options;
    // Where the framing is broken nobody can say which requests there are, but for the first.
    const first = scenario.expected.length === 0 && scenario.pieces[0]?.toString('latin1', 0, 5) === 'HEAD ' ? [HEAD] : [];
    this.#asked = [...first, ...scenario.expected];
    this.#reader = new AnswerReader((answer) => this.#asked[answer]?.method === 'HEAD');
  }

  /** The connection was over before anything of an answer came. */
  get endedUnheard(): boolean {
    return this.#ended && this.#garbage === undefined && this.#reader.answers.length === 0 && this.#scenario.expected.length > 0;
  }

  get isReusable(): boolean {
    return !this.#ended && this.#reader.answers.at(-1)?.closes === false;
  }

  async outcome(): Promise<Played> {
    const settled = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), this.#options.hangMs);
      this.#settle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    const onData = (chunk: Buffer): void => this.#read(chunk);
    const onEnd = (): void => {
      this.#ended = true;
      this.#settle();
    };
    this.#socket.on('data', onData).on('end', onEnd).on('close', onEnd);
    await this.#send();
    const inTime = await settled;
    this.#socket.off('data', onData).off('end', onEnd).off('close', onEnd);
    const fault = inTime ? this.#judge() : `a hang: ${this.#options.hangMs} ms without ${this.#reader.answers.length < this.#scenario.expected.length ? 'an answer' : 'the connection\'s end'}`;
    return { ...(fault === undefined ? {} : { fault }), statuses: this.#reader.answers.map(({ status }) => status) };
  }

  async #send(): Promise<void> {
    const { pieces, ending } = this.#scenario;
    for (const [i, piece] of pieces.entries()) {
      if (this.#socket.destroyed || this.#ended) break;
      this.#socket.write(piece);
      if (i < pieces.length - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (ending === 'half-close') this.#socket.end();
    if (ending === 'leave') {
      this.#socket.end(() => this.#socket.destroy());
      this.#settle();
    }
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#garbage = error instanceof Error ? error.message : String(error);
      this.#settle();
      return;
    }
    if (this.#scenario.ending === 'keep' && this.#reader.answers.length >= this.#scenario.expected.length) this.#settle();
  }

  #judge(): string | undefined {
    const { expected, ending } = this.#scenario;
    const { answers } = this.#reader;
    if (this.#garbage !== undefined) return this.#garbage;
    for (const [i, answer] of answers.entries()) {
      const fault = judge(answer, this.#asked[i], this.#options.control);
      if (fault !== undefined) return `answer ${i}: ${fault}`;
    }
    if (expected.length === 0 || ending === 'leave') return undefined;
    if (answers.length > expected.length) return `${answers.length} answers to ${expected.length} requests`;
    // A refusal may end the connection; what was pipelined behind it is then lost, and the client knows.
    if (answers.length < expected.length && answers.at(-1)?.closes !== true) return `the connection ended after ${answers.length} answers to ${expected.length} requests`;
    return undefined;
  }
}
