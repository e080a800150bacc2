#!/usr/bin/env node
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { environmentHelp } from '../config/option-table.ts';
import type { Surroundings } from '../lifecycle/desired-file.ts';
import { apply } from './apply.ts';
import { checkFile } from './check.ts';
import type { ContainerTestWords } from './container-test.ts';
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
  tradewind.command('container-test').description('say whether a container keeps the contract of model-containers/README.md').argument('<command...>', 'what starts it, after --')
    .option('--path <path>', 'the model file or folder').option('--options <json>', "the container's options").option('--input <json>', 'its input, where the hello does not say it')
    .option('--row <json>', 'a row that the model can predict; zeros where left out').option('--failing-row <json>', 'a row that must fail alone')
    .option('--echo', 'its outputs are its inputs, whatever TRADEWIND_INPUT declares: every dtype is tried, bit by bit')
    .option('--only <checks>', 'names of checks, separated by commas').option('--skip <checks>', 'checks to leave out')
    .option('--start-ms <ms>', 'how long it may take until hello', '60000').option('--limit-ms <ms>', 'how long it may take for anything else', '10000').option('--json', 'one JSON document')
    .action(async (command: string[], words: Omit<ContainerTestWords, 'command'>) => {
      const { containerTest } = await import('./container-test.ts');
      await containerTest({ command, ...words }, print);
    });
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
