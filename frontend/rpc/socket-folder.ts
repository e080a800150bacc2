import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The kernel's sun_path holds 108 bytes with the closing zero (unix(7)). */
export const MAX_SOCKET_PATH_BYTES = 107;

/** A place for one Unix socket that only this user can reach. */
export interface SocketPlace {
  readonly path: string;
  /** Removes the socket, and the folder where it was made for this run alone. */
  remove(): void;
}

/**
 * The socket lies in `folder` (made, mode 0700), or, where that path is too long for the kernel, in a folder under the
 * system's temporary one whose name follows from `folder`. What a broker that was killed left there is replaced; where
 * somebody still answers on it, or the folder is another user's, this throws.
 */
export async function openSocketPlace(folder: string, name = 'replicas.sock'): Promise<SocketPlace> {
  const fits = Buffer.byteLength(join(folder, name)) <= MAX_SOCKET_PATH_BYTES;
  const own = fits ? folder : join(tmpdir(), `tradewind-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  const path = join(own, name);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const stat = lstatSync(own);
  if (!stat.isDirectory() || (process.getuid !== undefined && stat.uid !== process.getuid())) {
    throw new Error(`${own} is not a folder of this user: the socket for containers cannot lie there`);
  }
  chmodSync(own, 0o700);
  if (await answers(path)) throw new Error(`${path} is in use: another broker runs with this state folder`);
  rmSync(path, { force: true });
  return { path, remove: () => rmSync(fits ? path : own, { force: true, recursive: true }) };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}
