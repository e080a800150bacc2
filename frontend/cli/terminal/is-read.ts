import { closeSync, constants, fstatSync, openSync } from 'node:fs';

/** False where `fd` is a pipe whose reader has gone. Of anything else, and where the system does not say, it is true. */
export function isRead(fd: number): boolean {
  try {
    if (!fstatSync(fd).isFIFO()) return true;
    // A pipe that nobody reads cannot be opened for writing without waiting (fifo(7)).
    closeSync(openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENXIO';
  }
}
