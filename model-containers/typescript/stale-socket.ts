import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import type { Address } from './address.ts';

/**
 * Takes away the socket at this place that a process left behind which was killed: one that is there and refuses. A socket that
 * somebody listens on, and a file that is none, stay: listening then fails, and says so.
 */
export async function removeStaleSocket(address: Address): Promise<void> {
  if (address.kind !== 'unix' || lstatSync(address.path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  if (await isRefused(address.path)) unlinkSync(address.path);
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
