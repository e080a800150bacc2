import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOnInterrupt } from '../broker/end-on-interrupt.ts';
import { waitUntilReady } from '../demo/broker-process.ts';
import { CONFIG } from './config.ts';

const COMMAND = fileURLToPath(new URL('../../frontend/cli/tradewind.ts', import.meta.url));
const KEPT_LINES = 2000;

/** A broker that dies and comes again, always on the same state. */
export class ChaosBroker {
  readonly folder = mkdtempSync(join(tmpdir(), 'tw-chaos-'));
  readonly configFile = join(this.folder, 'tradewind.yaml');
  /** The last lines of its log. */
  readonly log: string[] = [];
  url = '';
  /** Lives that it has begun. */
  lives = 0;
  #child: ChildProcess | undefined;
  readonly #forget = endOnInterrupt(() => this.remove());

  constructor() {
    writeFileSync(this.configFile, JSON.stringify(CONFIG));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get socketPath(): string {
    return join(this.folder, 'state', 'control', 'broker.sock');
  }

  /** Resolves once every model that wants replicas has one. */
  async start(): Promise<void> {
    this.lives++;
    const env = { ...process.env, TRADEWIND_LISTEN_HTTP: '127.0.0.1:0', TRADEWIND_LISTEN_GRPC: 'none', TRADEWIND_STATE_DIR: join(this.folder, 'state') };
    const child = spawn(process.execPath, [COMMAND, 'serve', '--config', this.configFile], { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log.push(...text.trimEnd().split('\n'));
      this.log.splice(0, this.log.length - KEPT_LINES);
    });
    this.url = await listening(child, this.log);
    await waitUntilReady(this.url);
  }

  /** Lines of its log that tell of trouble, oldest first. */
  troubles(): readonly string[] {
    return this.log.filter((line) => /"level":[56]0/u.test(line) || !line.startsWith('{'));
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to stop; says with what it ended. */
  async stop(): Promise<number | null> {
    return (await this.#end('SIGTERM')) ?? null;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    return (await ended)[0];
  }

  /** Processes that live below its folder: the replicas. */
  processes(): readonly number[] {
    return readdirSync('/proc').filter((name) => /^\d+$/u.test(name)).map(Number).filter((pid) => pid !== this.pid && this.#livesBelow(pid));
  }

  /** Open files of the broker itself. */
  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Sockets that lie in its folder. */
  sockets(): readonly string[] {
    return readdirSync(this.folder, { recursive: true }).map((name) => join(this.folder, String(name))).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true);
  }

  /** What is left of it goes. */
  async remove(): Promise<void> {
    await this.kill();
    for (const pid of this.processes()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was quicker.
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
    this.#forget();
  }

  #livesBelow(pid: number): boolean {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(this.folder);
    } catch {
      return false;
    }
  }
}

function listening(child: ChildProcess, log: readonly string[]): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /listens on (http:\S+)\n/u.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code, signal) => reject(new Error(`the broker ended (${signal ?? code}):\n${log.slice(-5).join('\n')}`)));
  });
}
