#!/usr/bin/env node
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { environmentHelp } from '../config/option-table.ts';
import type { Surroundings } from '../lifecycle/desired-file.ts';
import { apply } from './apply.ts';
import { checkFile } from './check.ts';
import { serve } from './serve.ts';
import { Stop, explain } from './stop.ts';

/** The `tradewind` command. Only `serve` loads the broker: the others answer at once. */
function program(surroundings: Surroundings, print: (text: string) => void): Command {
  const tradewind = new Command('tradewind').description('A prediction broker: an answer from the best model you have, inside the latency objective you state.').exitOverride().showHelpAfterError();
  tradewind.command('serve').description('start the broker').requiredOption('--config <file>', 'the configuration file')
    .addHelpText('after', `\n${environmentHelp()}`)
    .action(async ({ config }: { config: string }) => {
      const { startBroker } = await import('../main.ts');
      await serve({ config, startBroker, print, ...surroundings });
    });
  tradewind.command('check').description('say everything that is wrong with a configuration file').argument('<file>')
    .action((file: string) => checkFile(file, { print, ...surroundings }));
  tradewind.command('apply').description('have the running broker take a configuration file').argument('<file>')
    .option('--dry-run', 'only say what would change', false)
    .action((file: string, { dryRun }: { dryRun: boolean }) => apply({ file, dryRun, print, ...surroundings }));
  return tradewind;
}

try {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  await program({ environment: process.env, workingFolder: process.cwd() }, print).parseAsync();
} catch (thrown) {
  // Commander has said what it had to say.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode;
  else {
    process.stderr.write(`tradewind: ${thrown instanceof Stop ? thrown.message : explain(thrown)}\n`);
    process.exitCode = thrown instanceof Stop ? thrown.exitCode : 1;
  }
}
