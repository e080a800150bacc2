import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { showVersions } from './broker/find-version.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { bytesText } from './terminal/quantities.ts';
import { table } from './terminal/table.ts';

interface CacheView {
  readonly entries: number;
  readonly bytes: number;
  readonly max_bytes: number;
  readonly models: readonly { readonly model: string; readonly entries: number; readonly bytes: number }[];
}

export function cacheCommand(context: CommandContext): Command {
  return withReach(new Command('cache').description('show what the prediction cache holds, or clear it').argument('[model]', 'MODEL@VERSION'))
    .option('--clear', 'drop the answers of this model version, or all')
    .addHelpText('after', '\nExamples:\n  tradewind cache\n  tradewind cache digits-mlp@1 --clear')
    .action((model: string | undefined, words: ReachWords & { clear?: boolean }) => cache(model, words, context));
}

async function cache(model: string | undefined, { clear = false, ...words }: ReachWords & { clear?: boolean }, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  if (clear) {
    const answer = await calls.ask<{ dropped: number }>('DELETE', `/admin/cache${model === undefined ? '' : `?model=${encodeURIComponent(model)}`}`);
    return context.print(words.json === true ? JSON.stringify(answer) : `${answer.dropped} answers were dropped.`);
  }
  const view = await calls.ask<CacheView>('GET', '/admin/cache');
  const models = view.models.filter((one) => model === undefined || one.model === model || one.model.startsWith(`${model}@`));
  // What never was cannot hold anything; a model without a cache can be asked about.
  if (model !== undefined && models.length === 0) await showVersions(calls, model);
  if (words.json === true) return context.print(JSON.stringify({ ...view, models }));
  context.print(`${view.entries} answers, ${bytesText(view.bytes)} of ${bytesText(view.max_bytes)}`);
  context.print(table(context, [
    { head: 'model', cell: (one) => one.model },
    { head: 'answers', cell: ({ entries }) => entries, right: true },
    { head: 'memory', cell: ({ bytes }) => bytesText(bytes), right: true },
  ], models, 'It holds nothing.'));
}
