import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { parseCredit } from '../../../protos/parse-headers.ts';
import type { BatchHeader, Hello, TensorSpec } from '../../../protos/wire.ts';
import { FRAME } from '../../../protos/wire.ts';
import { BrokerLink, type Reply, type SentTensor } from './broker-link.ts';
import { expect, Failed } from './failed.ts';

export interface TrialOptions {
  readonly command: readonly [string, ...string[]];
  /** Further variables of the container: TRADEWIND_PATH, TRADEWIND_OPTIONS, TRADEWIND_INPUT. */
  readonly env: Readonly<Record<string, string>>;
  /** A row, as JSON, that the model can predict, and one that it must fail alone; zeros, and none, where left out. */
  readonly row?: unknown;
  readonly failingRow?: unknown;
  /** The container's outputs are its inputs. */
  readonly echo: boolean;
  /** How long a container may take until hello, for anything else, and until it gives up on a broker that says nothing. */
  readonly startMs: number;
  readonly limitMs: number;
  readonly silenceMs: number;
}

export const MODEL = 'trial';
export const VERSION = 3;
const TOKEN = randomBytes(24).toString('hex');
const MAX_WORDS = 2000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the container, and the socket that it alone was told of. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The next connection that it opens. */
  accept(): Promise<BrokerLink>;
  /** What it wrote on standard error last. */
  words(): string;
  kill(): Promise<void>;
}

/** A container that is welcome and has given its credits. */
export interface Served {
  readonly started: Started;
  readonly worker: BrokerLink;
  readonly hello: Hello;
  readonly inputs: readonly TensorSpec[];
  /** Credits that it gave once it was welcome. */
  readonly credits: number;
  /** Whether it said that it opened the memory that it was offered. */
  readonly sharesMemory: boolean;
  /** A number for a batch that no other has. */
  nextBatch(): number;
  /** One batch and its whole reply, in time. */
  ask(rows: number, tensors: readonly SentTensor[], more?: Partial<BatchHeader>): Promise<Reply>;
}

interface ServeWay {
  readonly env?: Readonly<Record<string, string>>;
  readonly byHand?: boolean;
  readonly welcome?: (worker: BrokerLink) => void;
}

/** The container under test: starts processes of it, and keeps one for all the checks that do it no harm. */
export class Trial {
  readonly options: TrialOptions;
  readonly #folder: string;
  readonly #running = new Set<Started>();
  #shared: Served | undefined;
  #sockets = 0;
  #hasGreeted = false;

  private constructor(options: TrialOptions, folder: string) {
    this.options = options;
    this.#folder = folder;
  }

  static async open(options: TrialOptions): Promise<Trial> {
    return new Trial(options, await mkdtemp(join(tmpdir(), 'tradewind-')));
  }

  /** Ends every process, and removes what was made for them. */
  async close(): Promise<void> {
    await this.clear();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The same at once, for who ends at once. */
  abandon(): void {
    for (const { child } of this.#running) killGroup(child.pid);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Whether some process of it has said a hello that could be read: one that never did can be asked nothing else. */
  get hasGreeted(): boolean {
    return this.#hasGreeted;
  }

  /** Ends every process, the shared one too: what a check that failed has left would be there beside all that follow. */
  async clear(): Promise<void> {
    this.#shared = undefined;
    await Promise.all([...this.#running].map((one) => one.kill()));
  }

  /** A process, owned by us and with a token, as a broker starts one, in the folder of the caller. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<Started> {
    const path = join(this.#folder, `${++this.#sockets}.sock`);
    const door = await Door.open(path);
    const [file, ...args] = this.options.command;
    const child = spawn(file, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: { ...surroundings(path), ...this.options.env, ...env } });
    const token = child.stdio[3] as Socket;
    token.on('error', () => {});
    token.end(TOKEN);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-MAX_WORDS); });
    const ended = new Promise<Ended>((resolve) => {
      child.once('error', (error) => {
        said = error.message;
        resolve({ code: null, signal: null });
      });
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const started: Started = {
      child, ended, accept: () => door.accept(), words: () => said.trim(),
      kill: async () => {
        this.#running.delete(started);
        killGroup(child.pid);
        await ended;
        door.close();
        // Whoever it has left outside its group may hold the other ends; they would keep this process from ending.
        token.destroy();
        child.stderr?.destroy();
      },
    };
    this.#running.add(started);
    return started;
  }

  /**
   * A process of its own that has been welcomed; `welcome` says it in another way. Its watchdog is welcomed when it comes,
   * unless the check is to accept it: `byHand`.
   */
  async serve({ env = {}, byHand = false, welcome = (worker) => worker.welcome() }: ServeWay = {}): Promise<Served> {
    const started = await this.start(env);
    const { worker, hello } = await this.greeted(started);
    welcome(worker);
    if (!byHand) void started.accept().then((watchdog) => watchdog.welcome(WATCHDOG_MS));
    const { n, shared = false } = parseCredit((await this.within(started, 'credits after the welcome', worker.next(FRAME.credit))).header);
    const inputs = hello.inputs ?? (JSON.parse(this.options.env['TRADEWIND_INPUT'] ?? '[]') as readonly TensorSpec[]);
    let last = 0;
    const nextBatch = (): number => ++last;
    return {
      started, worker, hello, inputs, credits: n, sharesMemory: shared, nextBatch,
      ask: (rows, tensors, more) => this.within(started, `the answer to a batch of ${rows} rows`, worker.ask(nextBatch(), rows, tensors, more)),
    };
  }

  /** The connection of a process that has just been started, and its hello. */
  async greeted(started: Started): Promise<{ worker: BrokerLink; hello: Hello }> {
    const { startMs } = this.options;
    const worker = await this.within(started, 'a connection', started.accept(), startMs);
    const hello = await this.within(started, 'a hello', worker.hello(), startMs);
    this.#hasGreeted = true;
    return { worker, hello };
  }

  /** The process that all checks share which leave it as it was; a new one where there is none. */
  async shared(): Promise<Served> {
    if (this.#shared?.worker.isClosed === true) await this.renew();
    return (this.#shared ??= await this.serve());
  }

  /** The next check gets a fresh process. */
  async renew(): Promise<void> {
    const used = this.#shared;
    this.#shared = undefined;
    await used?.started.kill();
  }

  /** What comes of `promise`; `Failed` where it is late, where it is no answer, and where the process ends before. */
  async within<T>(started: Started, expected: string, promise: Promise<T>, limitMs = this.options.limitMs): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Failed(expected, `nothing within ${limitMs / 1000} s${saying(started.words())}`)), limitMs);
    });
    // What the process sent last may still be on its way: the connection's own end is told first.
    const gone = started.ended.then(async (end) => {
      await new Promise((resolve) => setTimeout(resolve, LAST_FRAMES_MS));
      throw new Failed(expected, `${endText(end)}${saying(started.words())}`);
    });
    gone.catch(() => {});
    try {
      return await Promise.race([promise, late, gone]);
    } catch (error) {
      if (error instanceof Failed) throw error;
      throw new Failed(expected, `${(error as Error).message}${saying(started.words())}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for the process's own end. */
  async end(started: Started, expected: string, limitMs = this.options.limitMs): Promise<Ended> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => { timer = setTimeout(() => resolve(undefined), limitMs); });
    const end = await Promise.race([started.ended, late]);
    clearTimeout(timer);
    if (end === undefined) throw new Failed(expected, `it still runs after ${limitMs / 1000} s${saying(started.words())}`);
    await started.kill();
    return end;
  }

  /** An end that is no success: a code that is not 0, or a signal. */
  async fails(started: Started, when: string, limitMs?: number): Promise<void> {
    const end = await this.end(started, `the process to end ${when}`, limitMs);
    expect(end.code !== 0, `an exit code that is not 0 ${when}`, endText(end));
  }
}

const LAST_FRAMES_MS = 200;
const WATCHDOG_MS = 500;

/** What a broker lets a container see, and no more. */
function surroundings(path: string): Record<string, string> {
  const env: Record<string, string> = {
    PATH: [dirname(process.execPath), process.env['PATH']].filter(Boolean).join(delimiter),
    TRADEWIND_CONNECT: `unix:${path}`, TRADEWIND_MODEL: MODEL, TRADEWIND_VERSION: String(VERSION), TRADEWIND_OPTIONS: '{}',
    TRADEWIND_OWNED: '1', TRADEWIND_TOKEN_FD: '3',
  };
  for (const name of ['HOME', 'LANG', 'TZ']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Whether the container showed the token that it was given. */
export function isOurToken(token: string | undefined): boolean {
  return token === TOKEN;
}

export function endText({ code, signal }: Ended): string {
  if (signal !== null) return `the process was ended by ${signal}`;
  return code === null ? 'the process could not be started' : `the process ended with code ${code}`;
}

function saying(words: string): string {
  return words === '' ? '' : `; its last words: ${words.split('\n').slice(-3).join(' | ')}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A Unix socket on which one process of the container comes in. */
class Door {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #links: BrokerLink[] = [];
  readonly #waiting: ((link: BrokerLink) => void)[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const link = new BrokerLink(socket);
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#links.push(link);
      else waiter(link);
    });
  }

  static async open(path: string): Promise<Door> {
    const door = new Door();
    await once(door.#server.listen(path), 'listening');
    return door;
  }

  accept(): Promise<BrokerLink> {
    const link = this.#links.shift();
    return link === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(link);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
