import { accessSync, constants, existsSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { controlSocketPath } from '../../http/admin/socket.ts';
import { assertNotHalfRestored } from '../../storage/sqlite/file.ts';
import { bytesText } from '../terminal/quantities.ts';
import { bad, doubtful, good, type Finding } from './finding.ts';

const LITTLE_ROOM_BYTES = 1024 ** 3;

/** The state folder, or where it would be made: writable, this user's alone, with room, its path short enough for a socket. */
export function stateFindings(stateDir: string): readonly Finding[] {
  const check = 'state_dir';
  const nearest = firstThere(stateDir);
  if (!statSync(nearest).isDirectory()) return [bad(check, `${nearest} is not a folder: choose another state_dir.`)];
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    return [bad(check, `${nearest} cannot be written by this user: check who owns it, or choose another state_dir.`)];
  }
  return [modeFinding(stateDir), ...restoreFindings(stateDir), roomFinding(nearest), socketFinding(stateDir)];
}

/** When the youngest file of the state was written; 0 where there is none. */
export function newestFileMs(stateDir: string): number {
  if (!existsSync(stateDir)) return 0;
  return Math.max(0, ...readdirSync(stateDir).map((name) => statSync(join(stateDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/** A file that holds a secret is nobody else's to read. */
export function secretFileFinding(option: string, file: string): Finding {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return bad(option, `${file} is not there.`);
  const mode = stats.mode & 0o777;
  return (mode & 0o077) === 0 ? good(option, `${file} is for this user alone`) : doubtful(option, `${file} can be read by others (mode ${mode.toString(8)}): \`chmod 600 ${file}\`.`);
}

function modeFinding(stateDir: string): Finding {
  const stats = statSync(stateDir, { throwIfNoEntry: false });
  if (stats === undefined) return good('state_dir', `${stateDir} will be made`);
  if (process.getuid !== undefined && stats.uid !== process.getuid()) return bad('state_dir', `${stateDir} is another user's (uid ${stats.uid}): run as that user, or choose another.`);
  return (stats.mode & 0o077) === 0 ? good('state_dir', `${stateDir} is for this user alone`) : doubtful('state_dir', `${stateDir} is open to others (mode ${(stats.mode & 0o777).toString(8)}); the broker closes it at its start.`);
}

function restoreFindings(stateDir: string): readonly Finding[] {
  try {
    assertNotHalfRestored(stateDir);
    return [];
  } catch (thrown) {
    return [bad('state_dir', (thrown as Error).message)];
  }
}

function roomFinding(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return free < LITTLE_ROOM_BYTES ? doubtful('disk', `only ${bytesText(free)} are free where state_dir is: feedback is refused once it is full.`) : good('disk', `${bytesText(free)} are free`);
}

function socketFinding(stateDir: string): Finding {
  try {
    return good('control socket', controlSocketPath(stateDir));
  } catch (thrown) {
    return bad('control socket', (thrown as Error).message);
  }
}

function firstThere(path: string): string {
  return existsSync(path) ? path : firstThere(dirname(path));
}
