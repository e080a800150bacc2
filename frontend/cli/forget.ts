import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';

export function forgetCommand(context: CommandContext): Command {
  return withReach(new Command('forget').description('drop what an app has learned, or what it has learned of one value of its context key').argument('<app>').argument('[key]', 'this value alone'))
    .addHelpText('after', '\nExamples:\n  tradewind forget digits\n  tradewind forget digits ann\n\nThe app begins anew with its next query. Decisions and rewards that are recorded stay.')
    .action((app: string, key: string | undefined, words: ReachWords) => forget(app, key, { words, context }));
}

async function forget(app: string, key: string | undefined, { words, context }: { words: ReachWords; context: CommandContext }): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const at = `/admin/apps/${encodeURIComponent(app)}/selection/`;
  const answer = await calls.ask<object>('DELETE', key === undefined ? `${at}cells` : `${at}key?value=${encodeURIComponent(key)}`);
  if (words.json === true) return context.print(JSON.stringify(answer));
  context.print(key === undefined ? `What ${app} has learned is forgotten.` : `What ${app} has learned of that value is forgotten.`);
}
