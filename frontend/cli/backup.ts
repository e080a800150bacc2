import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { controlSocketPath } from '../http/admin/socket.ts';
import { copyDatabase } from '../storage/sqlite/copy.ts';
import { FEEDBACK_FILE } from '../storage/sqlite/feedback-database.ts';
import { assertNotHalfRestored, isInUse, openSqliteFile } from '../storage/sqlite/file.ts';
import { databaseFault } from '../storage/sqlite/sound.ts';
import { STATE_FILE } from '../storage/sqlite/state.ts';
import { writeArchive, type Manifest } from './archive/state-archive.ts';
import { BrokerCalls } from './broker/call.ts';
import { stateDirOf, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT, explain } from './terminal/failure.ts';
import { onInterrupt } from './terminal/on-interrupt.ts';
import { bytesText } from './terminal/quantities.ts';

const UNFINISHED = '.tradewind-backup-';
/** No backup takes so long: what is as old was left by one that was killed. */
const ABANDONED_MS = 24 * 3_600_000;
/** The broker answers when it has copied everything. */
const COPY_LIMIT_MS = 3_600_000;

type Words = Pick<ReachWords, 'config' | 'stateDir' | 'json'> & { readonly force?: boolean };

export function backupCommand(context: CommandContext): Command {
  return new Command('backup').description('write the state of a broker into a file, while it runs or not').argument('<file>')
    .option('--config <file>', 'configuration file of the broker, for its state_dir').option('--state-dir <folder>', 'state_dir of the broker').option('--json', 'the answer as JSON')
    .option('--force', 'write over a file that is there')
    .addHelpText('after', '\nExamples:\n  tradewind backup tradewind-$(date +%F).tar --config tradewind.yaml\n\nThe file is a tar archive: a manifest with checksums, the state (models, apps, labels, keys, tokens, audit log) and,\nwhere they are kept in SQLite, feedback and what was learned. It holds secrets: keep it as such. A Redis is backed up by\nits own ways.')
    .action((file: string, words: Words) => backup(file, words, context));
}

async function backup(given: string, words: Words, context: CommandContext): Promise<void> {
  const file = resolve(context.workingFolder, given);
  if (existsSync(file) && words.force !== true) throw new CommandFailure(`${given} is there already: choose another name, or --force`);
  if (!existsSync(dirname(file))) throw new CommandFailure(`${dirname(file)} is not there: make it, or choose another place`);
  const stateDir = await stateDirOf(words, context);
  removeAbandoned(dirname(file), context.now());
  const folder = mkdtempSync(join(dirname(file), UNFINISHED));
  // Copies of secrets are not left behind by who changes their mind.
  const takeBack = onInterrupt(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const names = await copies(stateDir, folder);
    for (const name of names) {
      const fault = databaseFault(join(folder, name));
      if (fault !== undefined) throw new CommandFailure(`the copy of ${name} is not sound: ${fault}`);
    }
    const manifest = writeArchive(file, { folder, names, at: new Date(context.now()) });
    context.print(words.json === true ? JSON.stringify({ file, ...manifest }) : summary(given, statSync(file).size, manifest));
  } catch (thrown) {
    throw new CommandFailure(`${given} was not written: ${reasonOf(thrown, dirname(file))}`, thrown instanceof CommandFailure ? thrown.exitCode : EXIT.refused);
  } finally {
    takeBack();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies of secrets that one left behind which was killed. */
function removeAbandoned(folder: string, nowMs: number): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(UNFINISHED))) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found !== undefined && nowMs - found.mtimeMs > ABANDONED_MS) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** The broker's copies lie in the folder of the backup: a disk that is full is that one's. */
function reasonOf(thrown: unknown, folder: string): string {
  const message = thrown instanceof CommandFailure ? thrown.message : explain(thrown);
  const isFull = (thrown as NodeJS.ErrnoException).code === 'ENOSPC' || message.includes('disk is full');
  return isFull ? `there is no room on the disk of ${folder}` : message;
}

function summary(file: string, bytes: number, { files }: Manifest): string {
  return `${file}: ${bytesText(bytes)}, ${files.map(({ name }) => name).join(' and ')}, each with its checksum.`;
}

/** The broker makes them while it runs; where none runs, the files are nobody's and are copied here. */
async function copies(stateDir: string, folder: string): Promise<readonly string[]> {
  try {
    const calls = new BrokerCalls({ kind: 'socket', path: controlSocketPath(stateDir), stateDir });
    return (await calls.ask<{ files: readonly string[] }>('POST', '/backup', { body: { folder }, limitMs: COPY_LIMIT_MS })).files;
  } catch (thrown) {
    if (!(thrown instanceof CommandFailure) || thrown.exitCode !== EXIT.unreachable) throw thrown;
    // One that ended while it copied leaves half of it.
    rmSync(folder, { recursive: true });
    mkdirSync(folder, { mode: 0o700 });
    return copyUnused(stateDir, folder, thrown);
  }
}

async function copyUnused(stateDir: string, folder: string, unreachable: CommandFailure): Promise<readonly string[]> {
  const names = [STATE_FILE, FEEDBACK_FILE].filter((name) => existsSync(join(stateDir, name)));
  if (!names.includes(STATE_FILE)) throw new CommandFailure(`${stateDir} holds no state of a broker`);
  assertNotHalfRestored(stateDir);
  for (const name of names) {
    const database = openUnused(stateDir, name, unreachable);
    try {
      await copyDatabase(database, join(folder, name));
    } finally {
      database.close();
    }
  }
  return names;
}

/** Whoever holds the files is the broker that did not answer. */
function openUnused(stateDir: string, name: string, unreachable: CommandFailure): ReturnType<typeof openSqliteFile> {
  try {
    return openSqliteFile(stateDir, name, () => {});
  } catch (thrown) {
    throw isInUse(thrown) ? unreachable : thrown;
  }
}
