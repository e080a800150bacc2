import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';

export function recordingCommand(context: CommandContext): Command {
  const recording = new Command('recording').description('forget what was recorded of somebody');
  recording.addCommand(withReach(new Command('forget').description('take out of the recording of an app what was asked in a context'))
    .argument('<app>').argument('<key>', 'key of the context, such as user').argument('<value>', 'its value, or - for standard input')
    .addHelpText('after', '\nExamples:\n  tradewind recording forget digits user ann\n  tradewind recording forget digits user - < name.txt\n\nThe app need not be there any more. What was written down is gone from the files of the recording, not from copies of them.')
    .action((app: string, key: string, value: string, words: ReachWords) => forget({ app, key, value }, words, context)));
  return recording;
}

async function forget({ app, key, value: given }: { app: string; key: string; value: string }, words: ReachWords, context: CommandContext): Promise<void> {
  const value = given === '-' ? (await context.input()).replace(/\r?\n$/u, '') : given;
  if (key === '' || value === '') throw new CommandFailure('say a key of the context and its value', EXIT.usage);
  const answer = await (await BrokerCalls.to(words, context)).ask<{ removed: number }>('DELETE', `/admin/apps/${encodeURIComponent(app)}/recording?key=${encodeURIComponent(key)}&value=${encodeURIComponent(value)}`);
  context.print(words.json === true ? JSON.stringify(answer) : `${answer.removed === 1 ? '1 recorded request is' : `${answer.removed} recorded requests are`} gone.`);
}
