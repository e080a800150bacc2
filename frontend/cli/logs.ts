import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { findVersion, versionPath } from './broker/find-version.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { ReplicaView } from './broker/views.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure } from './terminal/failure.ts';
import { numberGiven } from './terminal/given.ts';
import { harmless } from './terminal/screen.ts';

interface Words extends ReachWords {
  readonly replica?: string;
  readonly lines: string;
  readonly follow?: boolean;
}

const LOOK_EVERY_MS = 300;

export function logsCommand(context: CommandContext): Command {
  return withReach(new Command('logs').description('show what the containers of a model printed last').argument('<model>', 'MODEL or MODEL@VERSION'))
    .option('--replica <number>', 'only this one: of digits@1/3.2 it is 3').option('--lines <n>', 'at most so many lines of each', '50').option('-f, --follow', 'go on with what they print from now on')
    .addHelpText('after', '\nExamples:\n  tradewind logs digits-mlp\n  tradewind logs mine@2 --replica 1 --follow\n\nEscape codes are taken out. The log of the broker itself is what `tradewind serve` writes on standard error.')
    .action((model: string, words: Words) => logs(model, words, context));
}

async function logs(model: string, words: Words, context: CommandContext): Promise<void> {
  const most = numberGiven(words.lines, '--lines', [1, 1000]);
  const replica = words.replica === undefined ? undefined : numberGiven(words.replica, '--replica', [1, 999_999_999]);
  const calls = await BrokerCalls.to(words, context);
  const path = `${versionPath(await findVersion(calls, model))}/replicas`;
  const look = async (): Promise<readonly ReplicaView[]> => {
    const { replicas } = await calls.ask<{ replicas: readonly ReplicaView[] }>('GET', path);
    return replicas.filter(({ id }) => replica === undefined || id.split('/')[1]?.split('.')[0] === String(replica));
  };
  const found = await look();
  if (replica !== undefined && found.length === 0) throw new CommandFailure(`there is no replica ${replica} now`);
  const shown = new Map<string, number>();
  for (const view of found) show(view, freshLines(view, shown).slice(-most), words, context);
  if (words.json !== true && words.follow !== true && found.every(({ output }) => output.length === 0)) context.print(found.length === 0 ? `${model} has no replica now.` : `${model} has printed nothing.`);
  while (words.follow === true) {
    await context.pause(LOOK_EVERY_MS);
    // A closed pipe says so only to who writes, and there may be nothing to write for hours.
    if (!context.isHeard()) return;
    for (const view of await look()) show(view, freshLines(view, shown), words, context);
  }
}

/** Lines of a replica's present life that were not shown yet, as far as they are still kept. */
export function freshLines({ id, output, printed = output.length }: ReplicaView, shown: Map<string, number>): readonly string[] {
  const fresh = Math.min(output.length, printed - (shown.get(id) ?? 0));
  shown.set(id, printed);
  return fresh <= 0 ? [] : output.slice(-fresh);
}

function show({ id }: ReplicaView, lines: readonly string[], { json = false }: Words, { print, paint }: CommandContext): void {
  for (const line of lines) print(json ? JSON.stringify({ replica: id, line }) : `${paint('dim', id)}  ${harmless(line)}`);
}
