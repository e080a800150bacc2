import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { harmless } from './terminal/screen.ts';
import { duration } from './terminal/quantities.ts';
import { table } from './terminal/table.ts';

/** As `/admin/versions` and `/admin/sources` show them. */
interface LivingVersion {
  readonly model: string;
  readonly version: number;
  readonly state: string;
  readonly for_ms: number;
  readonly reason?: string;
  readonly text?: string;
}

interface SourceView {
  readonly folder: string;
  readonly refused: readonly { readonly path: string; readonly why: string }[];
  readonly settling: readonly string[];
  readonly unreadable?: string;
}

export function versionsCommand(context: CommandContext): Command {
  return withReach(new Command('versions').description('say how each version lives, and what was not taken from the folders that are watched'))
    .addHelpText('after', '\nExamples:\n  tradewind versions')
    .action((words: ReachWords) => versions(words, context));
}

async function versions(words: ReachWords, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const { versions: living } = await calls.ask<{ versions: readonly LivingVersion[] }>('GET', '/admin/versions');
  const { sources } = await calls.ask<{ sources: readonly SourceView[] }>('GET', '/admin/sources');
  if (words.json === true) return context.print(JSON.stringify({ versions: living, sources }));
  context.print(table<LivingVersion>(context, [
    { head: 'version', cell: ({ model, version }) => `${model}@${version}` },
    { head: 'state', cell: ({ state }) => ({ text: state, tone: state === 'ready' ? 'green' : state === 'failing' ? 'red' : 'yellow' }) },
    { head: 'for', cell: (version) => duration(version.for_ms), right: true },
    { head: 'why', cell: ({ reason, text }) => [reason, text].filter((word) => word !== undefined).join(': ') },
  ], living, 'There are no versions.'));
  for (const source of sources) for (const line of sourceLines(source)) context.print(harmless(line));
}

function sourceLines({ folder, refused, settling, unreadable }: SourceView): string[] {
  return [
    ...(unreadable === undefined ? [] : [`${folder} cannot be read, and what it held stays: ${unreadable}`]),
    ...refused.map(({ path, why }) => `not taken: ${path}: ${why}`), ...settling.map((path) => `still being written: ${path}`),
  ];
}
