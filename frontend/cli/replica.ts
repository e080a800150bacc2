import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { change, type ChangeWords } from './broker/change.ts';
import { findVersion, versionPath } from './broker/find-version.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { numberGiven } from './terminal/given.ts';

export function replicaCommand(context: CommandContext): Command {
  const replica = new Command('replica').description('restart or drain one replica');
  replica.addCommand(withReach(new Command('restart').description('start another in its place; it serves until that is ready').argument('<model>', 'MODEL or MODEL@VERSION').argument('<number>', 'of digits@1/3.2 it is 3'))
    .action((model: string, number: string, words: ChangeWords) => restart(model, number, words, context)));
  replica.addCommand(withReach(new Command('drain').description('take it away, and want one fewer').argument('<model>', 'MODEL or MODEL@VERSION').argument('<number>', 'of digits@1/3.2 it is 3'))
    .option('--dry-run', 'only say what would change')
    .action(async (model: string, number: string, words: ChangeWords) => change(words, context, ['POST', `${await pathOf(model, number, words, context)}/drain`])));
  return replica.addHelpText('after', '\nExamples:\n  tradewind replica restart digits-mlp 1\n  tradewind replica drain digits-mlp@2 3');
}

async function restart(model: string, number: string, words: ChangeWords, context: CommandContext): Promise<void> {
  const path = await pathOf(model, number, words, context);
  const answer = await (await BrokerCalls.to(words, context)).ask('POST', `${path}/restart`);
  context.print(words.json === true ? JSON.stringify(answer) : `Another replica starts in the place of ${number}.`);
}

async function pathOf(model: string, number: string, words: ChangeWords, context: CommandContext): Promise<string> {
  const replica = numberGiven(number, 'the number of the replica', [1, 999_999_999]);
  return `${versionPath(await findVersion(await BrokerCalls.to(words, context), model))}/replicas/${replica}`;
}
