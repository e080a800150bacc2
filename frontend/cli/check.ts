import { Command } from 'commander';
import { readConfigFile } from '../lifecycle/desired-file.ts';
import type { Surroundings } from '../lifecycle/desired-file.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, faultList } from './terminal/failure.ts';

export function checkCommand({ print, environment, workingFolder }: CommandContext): Command {
  return new Command('check').description('say everything that is wrong with a configuration file').argument('<file>').option('--json', 'the answer as JSON', false)
    .addHelpText('after', '\nExamples:\n  tradewind check tradewind.yaml')
    .action((file: string, { json }: { json: boolean }) => checkFile(file, { print, json, environment, workingFolder }));
}

/** Says whether a configuration file is right, and what it holds. */
export function checkFile(file: string, { print, json = false, ...surroundings }: Surroundings & { readonly print: (text: string) => void; readonly json?: boolean }): void {
  const read = readConfigFile(file, surroundings);
  if (!read.ok) throw new CommandFailure(faultList(read.faults));
  const { models, apps } = read.config.wanted;
  if (json) return print(JSON.stringify({ file, models: Object.keys(models), apps: Object.keys(apps) }));
  print(`${file} is right: ${count(Object.keys(models).length, 'model version')}, ${count(Object.keys(apps).length, 'app')}.`);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
