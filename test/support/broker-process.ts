import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../frontend/cli/tradewind.ts', import.meta.url));
/** Far above what anything here takes: only a broker that never gets there meets it. */
const LIMIT_MS = 60_000;
const POLL_MS = 10;

/** A test, or the file itself: `{ after }` of `node:test`. */
export interface Lifetime {
  after(run: () => Promise<void>): void;
}

export interface BrokerStart {
  /** A configuration to write into the broker's folder as `tradewind.yaml`, */
  readonly yaml?: string;
  /** or a file that is there. */
  readonly configFile?: string;
  /** Further files of the folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** The folder of an earlier broker, to start on its state again. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The `tradewind` command's program file. */
  readonly command?: string;
}

/** A line of the broker's log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface ReplicaStatus {
  readonly id: string;
  readonly state: string;
  readonly pid?: number;
  readonly deaths: number;
  readonly reason?: string;
  readonly output: readonly string[];
  readonly lastDeath?: { readonly cause: string; readonly reason: string };
  readonly limits?: readonly { readonly limit: string; readonly by: string; readonly why?: string }[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A broker as a process of its own, on a free port, with a folder of its own that holds its state. Whatever becomes of the
 * test, broker, containers and folder are gone after it.
 */
export class BrokerProcess {
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
  readonly configFile: string;
  readonly ended: Promise<Ended>;
  /** Everything that it logged, and what else came on standard error. */
  readonly log: readonly LogLine[];
  readonly #child: ChildProcess;
  readonly #pids = new Set<number>();

  private constructor(child: ChildProcess, parts: { url: string; folder: string; configFile: string; ended: Promise<Ended>; log: readonly LogLine[] }) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.url = parts.url;
    this.folder = parts.folder;
    this.configFile = parts.configFile;
    this.ended = parts.ended;
    this.log = parts.log;
  }

  /** Resolves once it listens; rejects with its last words where it ends before. */
  static async start(lifetime: Lifetime, start: BrokerStart): Promise<BrokerProcess> {
    const folder = start.folder ?? folderFor(lifetime);
    const configFile = start.configFile ?? join(folder, 'tradewind.yaml');
    if (start.yaml !== undefined) writeFileSync(configFile, start.yaml);
    for (const [name, content] of Object.entries(start.files ?? {})) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const env = { ...process.env, TRADEWIND_LISTEN_HTTP: '127.0.0.1:0', TRADEWIND_STATE_DIR: join(folder, 'state'), ...start.env };
    const child = spawn(process.execPath, [start.command ?? COMMAND, 'serve', '--config', configFile], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const log: LogLine[] = [];
    const ended: Promise<Ended> = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => log.push(parseLine(line)));
    const seen: { broker?: BrokerProcess } = {};
    atEnd(lifetime, async () => {
      child.kill('SIGKILL');
      await ended;
      for (const pid of seen.broker?.pids ?? []) kill(pid);
    });
    return (seen.broker = new BrokerProcess(child, { url: await listening(child, log, ended), folder, configFile, ended, log }));
  }

  /** Process ids of containers that have been seen. */
  get pids(): readonly number[] {
    return [...this.#pids];
  }

  /** Resolves once `/readyz` says that every version that is to run has a replica. */
  async ready(): Promise<this> {
    await until('ready', async () => {
      const { status, missing } = await this.readiness();
      return status === 200 && missing.length === 0;
    });
    await this.replicas();
    return this;
  }

  async readiness(): Promise<{ readonly status: number; readonly missing: readonly string[] }> {
    const reply = await fetch(`${this.url}/readyz`);
    return { status: reply.status, ...(await reply.json()) as { missing: string[] } };
  }

  /** All replicas, or those of one model version, as admin shows them. */
  async replicas(key?: string): Promise<readonly ReplicaStatus[]> {
    const { models } = (await (await fetch(`${this.url}/admin/models`)).json()) as { models: { versions: { status?: { key: string; replicas: ReplicaStatus[] } }[] }[] };
    const found = models.flatMap(({ versions }) => versions).flatMap(({ status }) => (status === undefined || (key !== undefined && status.key !== key) ? [] : status.replicas));
    for (const { pid } of found) if (pid !== undefined) this.#pids.add(pid);
    return found;
  }

  async predict(app: string, body: unknown): Promise<{ readonly status: number; readonly json: Answered }> {
    const reply = await fetch(`${this.url}/v1/apps/${app}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return { status: reply.status, json: (await reply.json()) as Answered };
  }

  /** PUT (or DELETE, without a body) through admin; the text of an answer that is not 200 is thrown. */
  async admin(path: string, body?: unknown): Promise<void> {
    const reply = await fetch(`${this.url}/admin/${path}`, { method: body === undefined ? 'DELETE' : 'PUT', headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await reply.text();
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${text}`);
  }

  /** Value of a metric, summed over the series that have these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return text.split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and waits for the end. */
  stop(): Promise<Ended> {
    this.signal('SIGTERM');
    return this.ended;
  }

  kill9(): Promise<Ended> {
    this.signal('SIGKILL');
    return this.ended;
  }
}

/** An answer, or the body of a refusal. */
export interface Answered {
  readonly decision_id?: string;
  readonly output?: unknown;
  readonly outputs?: readonly unknown[];
  readonly rows?: readonly { readonly source: string; readonly reason?: string }[];
  readonly model?: string;
  readonly version?: number;
  readonly source?: string;
  readonly reason?: string;
  readonly latency_ms?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Looks again and again until there is something; what never comes is an error that says what it was. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const giveUpAt = Date.now() + LIMIT_MS;
  while (Date.now() < giveUpAt) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await delay(POLL_MS);
  }
  throw new Error(`not ${what} within ${LIMIT_MS / 1000} s`);
}

/** Whether the process is there, and not only its entry in the table of processes. */
export function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.startsWith('Z') === false;
  } catch {
    return false;
  }
}

const endings = new WeakMap<Lifetime, (() => void | Promise<void>)[]>();

/** Last in, first out: brokers end before the folder that they work in goes. */
function atEnd(lifetime: Lifetime, run: () => void | Promise<void>): void {
  const known = endings.get(lifetime);
  const runs = known ?? [];
  runs.push(run);
  if (known !== undefined) return;
  endings.set(lifetime, runs);
  lifetime.after(async () => {
    for (const end of runs.toReversed()) await end();
  });
}

function folderFor(lifetime: Lifetime): string {
  const folder = mkdtempSync(join(tmpdir(), 'tw-'));
  atEnd(lifetime, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function kill(pid: number): void {
  try {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}

function listening(child: ChildProcess, log: readonly LogLine[], ended: Promise<Ended>): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /listens on (https?:\S+|unix:\S+)\n/u.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    void ended.then(({ code, signal }) => reject(new Error(`the broker ended (${signal ?? code}): ${said}${log.map(({ msg }) => msg).join('\n')}`)));
  });
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 0, msg: line };
  }
}
