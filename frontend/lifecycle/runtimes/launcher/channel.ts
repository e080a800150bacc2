import { spawn, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LaunchOrder } from './messages.ts';

/** A launcher's process, as the broker holds it. */
export interface LauncherChannel {
  /** Undefined where it could not be started; `gone` follows. */
  readonly pid: number | undefined;
  /** What cannot be sent any more is answered by `gone`. */
  send(order: LaunchOrder): void;
  /** The launcher kills what it has started, and ends: `gone` follows. */
  disconnect(): void;
  /** Ends the launcher as it is. */
  kill(): void;
}

export interface ChannelEvents {
  readonly said: (message: unknown) => void;
  /** On its standard error: words on why it ends. */
  readonly printed: (chunk: Buffer) => void;
  /** The process has ended, and all that it said was heard; or it could not be started. Once and last, never within the call that opens. */
  readonly gone: (why: string) => void;
}

/** Starts a launcher; in a test, something else. */
export type OpenChannel = (events: ChannelEvents) => LauncherChannel;

const PROGRAM = fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url));
/** Room for some messages is all that it needs. */
const SMALL = ['--max-old-space-size=64', '--max-semi-space-size=1', '--v8-pool-size=1'];

/**
 * Starts launchers by `node`, with an empty environment and in a session of their own: what a terminal sends to the broker's
 * they do not get. The kernel kills them when the broker dies, where there is a `setpriv`.
 */
export function channelOpener({ node, setpriv }: { readonly node: string; readonly setpriv: string | undefined }): OpenChannel {
  return ({ said, printed, gone }) => {
    const child = started(node, setpriv);
    if (typeof child === 'string') {
      queueMicrotask(() => gone(child));
      return { pid: undefined, send: () => {}, disconnect: () => {}, kill: () => {} };
    }
    const { pid } = child;
    let isAskedToEnd = false;
    let isGone = false;
    const end = (why: string): void => {
      if (!isGone) gone(why);
      isGone = true;
    };
    const endBy = (code: number | null, signal: string | null): void => end(signal === null ? `it exited with code ${code ?? 0}` : `it was killed by ${signal}`);
    child.on('message', said);
    child.stderr?.on('data', printed);
    child.on('error', ({ message }) => pid === undefined && end(`it could not be started: ${message}`));
    // 'close' comes when all that it said was read; not at all where this side has cut the channel.
    child.on('close', endBy);
    child.on('exit', (code, signal) => isAskedToEnd && endBy(code, signal));
    return {
      pid,
      send: (order) => void (child.connected && child.send(order, () => {})),
      disconnect: () => {
        isAskedToEnd = true;
        if (child.connected) child.disconnect();
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

function started(node: string, setpriv: string | undefined): ChildProcess | string {
  const words = [...SMALL, PROGRAM];
  const [file, args] = setpriv === undefined ? [node, words] : [setpriv, ['--pdeathsig', 'KILL', '--', node, ...words]];
  try {
    return spawn(file, args, { cwd: '/', env: {}, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  } catch (error) {
    return `it could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}
