import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { controlSocketPath } from '../http/admin/socket.ts';
import type { ApplyRequest } from '../http/admin/socket.ts';
import { readConfigFile, readConfigText } from '../lifecycle/desired-file.ts';
import type { FileResult, Surroundings } from '../lifecycle/desired-file.ts';
import { BrokerCalls } from './broker/call.ts';
import { diffText } from './broker/change.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, faultList } from './terminal/failure.ts';

/** `readAgain`: sentences on files that the configuration names and that hold something else now. */
type Applied = Extract<FileResult, { ok: false }> | (Extract<FileResult, { ok: true }> & { readonly readAgain?: readonly string[] });

export interface ApplyOptions extends Surroundings {
  readonly file: string;
  readonly dryRun: boolean;
  readonly json?: boolean;
  readonly print: (text: string) => void;
}

export function applyCommand({ print, environment, workingFolder }: CommandContext): Command {
  return new Command('apply').description('have the running broker take a configuration file').argument('<file>')
    .option('--dry-run', 'only say what would change', false).option('--json', 'the answer as JSON', false)
    .addHelpText('after', '\nExamples:\n  tradewind apply tradewind.yaml --dry-run')
    .action((file: string, words: { dryRun: boolean; json: boolean }) => apply({ file, ...words, print, environment, workingFolder }));
}

/** Has the running broker take the file; nothing changes where anything is wrong. */
export async function apply({ file, dryRun, json = false, print, ...surroundings }: ApplyOptions): Promise<void> {
  const content = readContent(file, surroundings);
  const read = readConfigText(content, file, surroundings);
  if (!read.ok) throw new CommandFailure(faultList(read.faults));
  const { stateDir } = read.config.settings;
  const calls = new BrokerCalls({ kind: 'socket', path: controlSocketPath(stateDir), stateDir });
  const body: ApplyRequest = { path: resolve(surroundings.workingFolder, file), content, dryRun };
  const result = await calls.ask<Applied>('POST', '/apply', { body });
  if (!result.ok) throw new CommandFailure(faultList(result.faults));
  // That the file holds its names is no news to who applies it.
  const { changed: { held: _, ...changed }, atNextStart, readAgain = [] } = result;
  if (json) return print(JSON.stringify({ ...changed, at_next_start: atNextStart, read_again: readAgain }));
  const isDiff = Object.values(changed.diff).some(({ added, changed: other, removed }) => added.length + other.length + removed.length > 0);
  if (isDiff || readAgain.length === 0) print(diffText({ ...changed.diff }, dryRun));
  for (const sentence of readAgain) print(sentence);
  for (const setting of atNextStart) print(`${setting} differs from what the broker runs with: it counts from the next start.`);
}

function readContent(file: string, surroundings: Surroundings): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const read = readConfigFile(file, surroundings);
    throw new CommandFailure(read.ok ? `${file}: ${(thrown as Error).message}` : read.faults.join('\n'));
  }
}
