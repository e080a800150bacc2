import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';

export function logLevelCommand(context: CommandContext): Command {
  return withReach(new Command('log-level').description('show the least level that is logged, or set it until the next start').argument('[level]'))
    .addHelpText('after', '\nExamples:\n  tradewind log-level\n  tradewind log-level debug')
    .action((level: string | undefined, words: ReachWords) => logLevel(level, words, context));
}

async function logLevel(level: string | undefined, words: ReachWords, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const answer = level === undefined ? await calls.ask<{ level: string }>('GET', '/admin/log') : await calls.ask<{ level: string }>('PUT', '/admin/log', { body: { level } });
  context.print(words.json === true ? JSON.stringify(answer) : answer.level);
}
