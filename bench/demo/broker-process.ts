import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOnInterrupt } from '../broker/end-on-interrupt.ts';

const COMMAND = fileURLToPath(new URL('../../frontend/cli/tradewind.ts', import.meta.url));
/** Of the command's first line: what is measured is what users run. */
export const NODE_FLAGS: readonly string[] = ['--v8-pool-size=1', '--no-memory-reducer'];
const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;
/** As much of the broker's output is kept to be shown where it fails. */
const MAX_KEPT_CHARS = 8_000;

/** A broker of our own, on a free port, with a state folder that goes when it goes. */
export interface BrokerProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGTERM, and waits until it has drained and ended. It is stopped where the bench is interrupted, too. */
  stop(): Promise<void>;
}

export interface BrokerStart {
  /** Environment beside our own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Further flags of the Node that runs the broker, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** The broker leads a session of its own, as `setsid` would have it. */
  readonly ownSession?: boolean;
}

/** Starts `tradewind serve --config FILE`; rejects with its last words where it ends before it says where it listens. */
export async function startBroker(configFile: string, start: BrokerStart = {}): Promise<BrokerProcess> {
  const stateDir = mkdtempSync(join(tmpdir(), 'tradewind-bench-'));
  const env = { ...process.env, TRADEWIND_LISTEN_HTTP: '127.0.0.1:0', TRADEWIND_STATE_DIR: stateDir, TRADEWIND_LOG_LEVEL: 'warn', ...start.env };
  const child = spawn(process.execPath, [...NODE_FLAGS, ...(start.nodeFlags ?? []), COMMAND, 'serve', '--config', configFile], { env, detached: start.ownSession, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(stateDir, { recursive: true, force: true });
    forget();
  };
  let ending: Promise<void> | undefined;
  // A second SIGTERM would cut it short.
  const stop = (): Promise<void> => (ending ??= end());
  const forget = endOnInterrupt(stop);
  try {
    return { url: await listening(child), pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until `/readyz` says that every version that is to run has a replica. */
export async function waitUntilReady(url: string, limitMs = READY_TIMEOUT_MS): Promise<void> {
  const giveUpAt = Date.now() + limitMs;
  let last = 'no answer';
  while (Date.now() < giveUpAt) {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
      const text = await response.text();
      last = `${response.status} ${text}`;
      // A broker is ready, too, while something new loads beside what answers.
      if (response.ok && (JSON.parse(text) as { missing: readonly string[] }).missing.length === 0) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  throw new Error(`the broker at ${url} is not ready after ${limitMs / 1000} s: ${last}`);
}

function listening(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-MAX_KEPT_CHARS);
      const url = /listens on (http:\/\/\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`the broker ended (${signal ?? code}):\n${said.trim()}`)));
  });
}
