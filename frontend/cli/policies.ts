import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { harmless } from './terminal/screen.ts';
import { table } from './terminal/table.ts';

/** As `/admin/policies` shows it. */
interface PolicyView {
  readonly name: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly apps: readonly string[];
}

export function policiesCommand(context: CommandContext): Command {
  return withReach(new Command('policies').description('list the selection policies that an app may name'))
    .addHelpText('after', '\nExamples:\n  tradewind policies\n  tradewind policies --json | jq \'.[] | select(.name == "exp3").options\'')
    .action((words: ReachWords) => policies(words, context));
}

async function policies(words: ReachWords, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const { policies: all } = await calls.ask<{ policies: readonly PolicyView[] }>('GET', '/admin/policies');
  if (words.json === true) return context.print(JSON.stringify(all));
  context.print(table<PolicyView>(context, [
    { head: 'policy', cell: ({ name }) => name },
    { head: 'apps', cell: ({ apps }) => apps.join(', ') },
    // A policy of somebody else says what it likes.
    { head: 'how it chooses', cell: ({ summary }) => harmless(summary) },
  ], all, 'There are no policies.'));
}
