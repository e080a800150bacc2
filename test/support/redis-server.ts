import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 20_000;

/**
 * A Redis of its own on a Unix socket in a folder of its own, which writes every change to its disk before it answers
 * (`appendfsync always`). Killed and started again it is the same.
 */
export class RedisServer {
  readonly folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Gone after the test, with its folder. */
  static async start(lifetime: { after(run: () => Promise<void>): void }, more: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(mkdtempSync(join(tmpdir(), 'tw-redis-')));
    lifetime.after(async () => {
      await server.kill9();
      rmSync(server.folder, { recursive: true, force: true });
    });
    await server.start(more);
    return server;
  }

  /** One command; the first line of the answer, without its mark. Replies that are longer come as their first 64 KiB. */
  command(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socket);
      socket.once('error', reject);
      socket.once('data', (reply) => {
        socket.destroy();
        resolve(reply.toString().replace(/^[+:$-]/u, '').trimEnd());
      });
      socket.once('connect', () => socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`));
    });
  }

  /** As `storage.feedback` takes it. */
  get url(): string {
    return `unix:${this.#socket}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get #socket(): string {
    return join(this.folder, 'redis.sock');
  }

  async start(more: readonly string[] = []): Promise<void> {
    const child = spawn('redis-server', [
      '--port', '0', '--unixsocket', this.#socket, '--dir', this.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--daemonize', 'no', ...more,
    ], { stdio: 'ignore' });
    this.#child = child;
    const giveUpAt = Date.now() + LIMIT_MS;
    while (!await this.#answers()) {
      if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error('redis-server does not start');
      await delay(10);
    }
  }

  async kill9(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Its disk is empty when it starts again. */
  async forget(): Promise<void> {
    await rm(join(this.folder, 'appendonlydir'), { recursive: true, force: true });
  }

  /** Stops it in its tracks, or lets it go on: a Redis that is there and says nothing. */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Whether it has read what is on its disk, and answers. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#socket);
      socket.once('error', () => resolve(false));
      socket.once('data', (reply) => {
        socket.destroy();
        resolve(reply.toString().startsWith('+PONG'));
      });
      socket.once('connect', () => socket.write('PING\r\n'));
    });
  }
}
