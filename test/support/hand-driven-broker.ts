import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, watch } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerLink, type SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import type { Hello } from '../../protos/wire.ts';
import { FRAME } from '../../protos/wire.ts';

/** Rows of float32, each of `shape`. */
export function float32(name: string, shape: readonly number[], values: readonly number[]): SentTensor {
  return { name, dtype: 'float32', shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

export function asFloat32(bytes: Buffer | undefined): number[] {
  return [...new Float32Array(Uint8Array.from(bytes ?? []).buffer)];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}
/** A container process under test. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed to standard error so far. */
  readonly said: () => string;
}

/** A broker that does nothing by itself: it listens on a socket of its own, starts containers and hands their connections over. */
export class HandDrivenBroker {
  readonly folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #children: Started[] = [];
  readonly #links: BrokerLink[] = [];
  readonly #waiting: ((link: BrokerLink) => void)[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((socket) => this.#adopt(socket));
  }

  /** Closed when the test that it was opened in has ended. */
  static async open(test: { after(run: () => Promise<void>): void }): Promise<HandDrivenBroker> {
    const broker = new HandDrivenBroker(await mkdtemp(join(tmpdir(), 'broker-')));
    await new Promise<void>((resolve) => broker.#server.listen(join(broker.folder, 'broker.sock'), resolve));
    test.after(() => broker.close());
    return broker;
  }

  get address(): string {
    return `unix:${join(this.folder, 'broker.sock')}`;
  }

  /** Starts a container, a program of ours or any command, owned and with a token unless `env` says otherwise. */
  start(program: string | readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}, token = 'a-token'): Started {
    const [file, ...args] = typeof program === 'string' ? [process.execPath, program] : program;
    const child = spawn(file, args, {
      env: { TRADEWIND_CONNECT: this.address, TRADEWIND_MODEL: 'm', TRADEWIND_VERSION: '3', TRADEWIND_OWNED: '1', TRADEWIND_TOKEN_FD: '3', ...env },
      stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
      cwd: this.folder,
    });
    const pipe = child.stdio[3] as Socket;
    pipe.on('error', () => {});
    pipe.end(token);
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    const ended = new Promise<Ended>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stderr }));
    });
    const started = { child, ended, said: () => stderr };
    this.#children.push(started);
    return started;
  }

  /** The next connection that a container opens. */
  accept(): Promise<BrokerLink> {
    const link = this.#links.shift();
    return link === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(link);
  }

  /** Dials a container that listens. */
  dial(path: string): Promise<BrokerLink> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path });
      this.#sockets.add(socket);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new BrokerLink(socket)));
    });
  }

  /** Dials a container that will listen at `name` in this broker's folder, as soon as it does. */
  async dialWhenUp(name: string): Promise<BrokerLink> {
    for await (const { filename } of watch(this.folder)) if (filename === name) break;
    for (;;) {
      try {
        return await this.dial(join(this.folder, name));
      } catch {
        // Bound, and not yet listening: a moment.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Starts a container and welcomes its worker: ready for batches, with its watchdog still to be accepted. */
  async startWorker(program: Parameters<HandDrivenBroker['start']>[0], env: Readonly<Record<string, string>> = {}): Promise<{ started: Started; worker: BrokerLink; hello: Hello }> {
    const started = this.start(program, env);
    const refused = started.ended.then(({ stderr }): never => { throw new Error(`the container ended: ${stderr}`); });
    refused.catch(() => {});
    const worker = await Promise.race([this.accept(), refused]);
    const hello = await worker.hello();
    worker.welcome();
    await worker.next(FRAME.credit);
    return { started, worker, hello };
  }

  /** Kills what still runs and waits for its end. */
  async close(): Promise<void> {
    for (const { child } of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#children.map(({ ended }) => ended));
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  #adopt(socket: Socket): void {
    this.#sockets.add(socket);
    const link = new BrokerLink(socket);
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#links.push(link);
    else waiter(link);
  }
}
