import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { numberGiven } from './terminal/given.ts';
import { table } from './terminal/table.ts';

interface Words extends ReachWords {
  readonly limit: string;
}

interface RecordView {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly detail?: unknown;
}

export function auditCommand(context: CommandContext): Command {
  return withReach(new Command('audit').description('say who changed what, the newest first'))
    .option('--limit <n>', 'at most so many', '20')
    .addHelpText('after', '\nExamples:\n  tradewind audit\n  tradewind audit --limit 1000 --json')
    .action((words: Words) => audit(words, context));
}

async function audit(words: Words, context: CommandContext): Promise<void> {
  const limit = numberGiven(words.limit, '--limit', [1, 1000]);
  const answer = await (await BrokerCalls.to(words, context)).ask<{ records: readonly RecordView[] }>('GET', `/admin/audit?limit=${limit}`);
  context.print(words.json === true ? JSON.stringify(answer) : table<RecordView>(context, [
    { head: 'when', cell: ({ at }) => at.replace('T', ' ').slice(0, 19) },
    { head: 'who', cell: ({ who }) => who },
    { head: 'what', cell: ({ what }) => what },
    { head: 'came to', cell: ({ detail }) => summary(detail) },
  ], answer.records, 'Nothing has been changed.'));
}

/** The names that a change names, with a sign before each; of any other detail its text. */
function summary(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const signs = { added: '+', changed: '~', removed: '-' } as const;
  const names = Object.values(detail).flatMap((kind: unknown) => (typeof kind === 'object' && kind !== null
    ? Object.entries(signs).flatMap(([key, sign]) => ((kind as Record<string, unknown>)[key] as readonly string[] | undefined ?? []).map((name) => `${sign}${name}`)) : []));
  return names.length > 0 ? names.join(' ') : JSON.stringify(detail);
}
