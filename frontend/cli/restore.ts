import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { FEEDBACK_FILE } from '../storage/sqlite/feedback-database.ts';
import { HALF_RESTORED, isInUse, openSqliteFile } from '../storage/sqlite/file.ts';
import { databaseFault } from '../storage/sqlite/sound.ts';
import { STATE_FILE } from '../storage/sqlite/state.ts';
import { readArchive, syncFolder, type Manifest } from './archive/state-archive.ts';
import { stateDirOf, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure } from './terminal/failure.ts';

type Words = Pick<ReachWords, 'config' | 'stateDir' | 'json'> & { readonly replace?: boolean };

const PARTS = [STATE_FILE, FEEDBACK_FILE];
/** All that SQLite leaves of a part: a log that stayed behind would be read into the one that comes in its place. */
const FILES = PARTS.flatMap((name) => ['', '-wal', '-shm'].map((suffix) => name + suffix));
const UNPACKED = 'restore-';

export function restoreCommand(context: CommandContext): Command {
  return new Command('restore').description('put the state of a backup into the state_dir of a broker that does not run').argument('<file>')
    .option('--config <file>', 'configuration file of the broker, for its state_dir').option('--state-dir <folder>', 'state_dir of the broker').option('--json', 'the answer as JSON')
    .option('--replace', 'where there is state already: put it aside, into a folder beside it')
    .addHelpText('after', '\nExamples:\n  tradewind stop && tradewind restore tradewind-2026-11-21.tar --replace && tradewind serve --config tradewind.yaml\n\nNothing is touched unless every checksum is right, every database is sound and no broker runs.')
    .action((file: string, words: Words) => restore(file, words, context));
}

async function restore(given: string, words: Words, context: CommandContext): Promise<void> {
  const file = resolve(context.workingFolder, given);
  const stateDir = await stateDirOf(words, context);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  assertUnused(stateDir);
  if (filesIn(stateDir).length > 0 && words.replace !== true) throw new CommandFailure(`${stateDir} holds state already: --replace puts it aside`);
  // What one that was killed unpacked, keys and all.
  for (const name of readdirSync(stateDir).filter((entry) => entry.startsWith(UNPACKED))) rmSync(join(stateDir, name), { recursive: true, force: true });
  const fresh = mkdtempSync(join(stateDir, UNPACKED));
  try {
    const manifest = taken(file, given, fresh);
    begin(stateDir, given);
    const aside = putAside(stateDir, context.now());
    for (const { name } of manifest.files) renameSync(join(fresh, name), join(stateDir, name));
    syncFolder(stateDir);
    rmSync(join(stateDir, HALF_RESTORED));
    context.print(words.json === true ? JSON.stringify({ state_dir: stateDir, aside, ...manifest }) : `${stateDir} has the state of ${manifest.created_at}.${aside === undefined ? '' : ` What was there is in ${aside}.`}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Takes the lock that a broker would hold, and lets it go. */
function assertUnused(stateDir: string): void {
  for (const name of PARTS) {
    if (!existsSync(join(stateDir, name))) continue;
    try {
      openSqliteFile(stateDir, name, () => {}).close();
    } catch (thrown) {
      // What is broken may be replaced; what is in use may not.
      if (isInUse(thrown)) throw new CommandFailure(`a broker runs with state_dir ${stateDir}: stop it first (\`tradewind stop\`)`);
    }
  }
}

/** From here on no broker starts with this state until it is whole, however this process ends. One that was quicker has its lock. */
function begin(stateDir: string, given: string): void {
  const mark = join(stateDir, HALF_RESTORED);
  if (existsSync(mark)) return;
  writeFileSync(mark, '', { mode: 0o600 });
  try {
    syncFolder(stateDir);
    assertUnused(stateDir);
  } catch (thrown) {
    rmSync(mark);
    throw new CommandFailure(`${given} was not restored, nothing was changed: ${reasonOf(thrown as NodeJS.ErrnoException)}`);
  }
}

function taken(file: string, given: string, folder: string): Manifest {
  try {
    const manifest = readArchive(file, folder);
    for (const { name } of manifest.files) {
      const fault = PARTS.includes(name) ? databaseFault(join(folder, name)) : 'it is no part of the state';
      if (fault !== undefined) throw new Error(`${name}: ${fault}`);
    }
    if (!manifest.files.some(({ name }) => name === STATE_FILE)) throw new Error(`it holds no ${STATE_FILE}`);
    return manifest;
  } catch (thrown) {
    throw new CommandFailure(`${given} cannot be restored, nothing was changed: ${reasonOf(thrown as NodeJS.ErrnoException)}`);
  }
}

function reasonOf({ code, path, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' && path !== undefined) return 'there is no such file';
  return code === 'ENOSPC' ? 'there is no room on the disk of state_dir' : message;
}

function filesIn(stateDir: string): readonly string[] {
  return FILES.filter((name) => existsSync(join(stateDir, name)));
}

function putAside(stateDir: string, now: number): string | undefined {
  const there = filesIn(stateDir);
  if (there.length === 0) return undefined;
  const aside = join(stateDir, `replaced-${new Date(now).toISOString().replaceAll(/[:.]/gu, '-')}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of there) renameSync(join(stateDir, name), join(aside, name));
  return aside;
}
