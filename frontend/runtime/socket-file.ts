import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import process from 'node:process';

/** How long a socket that is there may take to say whether anybody listens on it. */
const PROBE_MS = 1_000;

export interface SocketFile {
  readonly path: string;
  readonly mode: number;
}

/**
 * Has a server listen on a Unix socket that nobody but those whom `mode` lets in can open, from its first moment on. A socket
 * that a killed program left is replaced; rejects where somebody listens on it, or where a file of another kind has its name.
 * The server takes the file away when it stops listening, as servers of Node do.
 */
export async function listenOnSocketFile({ path, mode }: SocketFile, listen: () => Promise<unknown>): Promise<void> {
  await removeStale(path);
  const before = process.umask(0o077);
  try {
    await listen();
  } finally {
    process.umask(before);
  }
  chmodSync(path, mode);
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there, and is no socket: take it away, or choose another path for listen.`);
  if (await isListenedOn(path)) throw new Error(`${path} is in use: another program listens there. Stop it, or choose another path for listen.`);
  rmSync(path, { force: true });
}

/** In doubt somebody does. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const says = (listened: boolean): void => {
      socket.destroy();
      resolve(listened);
    };
    socket.setTimeout(PROBE_MS, () => says(true));
    socket.once('connect', () => says(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => says(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
