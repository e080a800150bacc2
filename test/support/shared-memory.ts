import { existsSync } from 'node:fs';

/** For `{ skip: noSharedMemory }`: false on Linux, elsewhere the reason. */
export const noSharedMemory: string | false = existsSync('/dev/shm') ? false : 'this system has no /dev/shm';
