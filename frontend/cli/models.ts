import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { showVersions } from './broker/find-version.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { ModelView, ReplicaView, VersionView } from './broker/views.ts';
import type { CommandContext } from './terminal/context.ts';
import { duration } from './terminal/quantities.ts';
import type { Cell } from './terminal/table.ts';
import { table } from './terminal/table.ts';

export function modelsCommand(context: CommandContext): Command {
  return withReach(new Command('models').description('list the models and their versions, or show the replicas of one').argument('[model]', 'MODEL or MODEL@VERSION'))
    .addHelpText('after', '\nExamples:\n  tradewind models\n  tradewind models digits-mlp\n  tradewind models --json | jq \'.models[].name\'')
    .action((model: string | undefined, words: ReachWords) => (model === undefined ? listModels(words, context) : showModel(model, words, context)));
}

async function listModels(words: ReachWords, context: CommandContext): Promise<void> {
  const answer = await (await BrokerCalls.to(words, context)).ask<{ models: readonly ModelView[] }>('GET', '/admin/models');
  context.print(words.json === true ? JSON.stringify(answer) : versionTable(answer.models.flatMap(({ versions }) => versions), context));
}

/** One line a version: what it is, and how many of its replicas are ready. */
export function versionTable(versions: readonly VersionView[], context: CommandContext): string {
  return table<VersionView>(context, [
    { head: 'model', cell: ({ spec }) => `${spec.name}@${spec.version}` },
    { head: 'labels', cell: ({ labels }) => labels.join(' ') },
    { head: 'container', cell: ({ spec }) => (typeof spec.container === 'string' ? spec.container : Object.keys(spec.container as object)[0] ?? '') },
    { head: 'ready', cell: ({ status }) => readyCell(status), right: true },
    { head: 'deaths', cell: ({ status }) => status?.replicas.reduce((sum, { deaths }) => sum + deaths, 0) ?? 0, right: true },
  ], versions, 'There are no models.');
}

/** A dash where none is wanted: the version rests, is scaled to none, or its turn to load has not come. */
function readyCell(status: VersionView['status']): Cell {
  const { ready = 0, desired = 0 } = status ?? {};
  if (desired === 0 && ready === 0) return { text: '–', tone: 'dim' };
  return { text: `${ready}/${desired}`, tone: ready >= desired ? 'green' : ready > 0 ? 'yellow' : 'red' };
}

async function showModel(model: string, words: ReachWords, context: CommandContext): Promise<void> {
  const view = await showVersions(await BrokerCalls.to(words, context), model);
  if (words.json === true) return context.print(JSON.stringify(view));
  context.print(versionTable(view.versions, context));
  const replicas = view.versions.flatMap(({ status }) => status?.replicas ?? []);
  context.print(`\n${table<ReplicaView>(context, [
    { head: 'replica', cell: ({ id }) => id },
    { head: 'state', cell: ({ state }) => ({ text: state, tone: state === 'ready' ? 'green' : state === 'crash_loop' ? 'red' : 'yellow' }) },
    { head: 'for', cell: ({ stateForMs }) => duration(stateForMs), right: true },
    { head: 'pid', cell: ({ pid, address }) => pid ?? address ?? '–', right: true },
    { head: 'deaths', cell: ({ deaths }) => deaths, right: true },
    { head: 'reason', cell: ({ reason }) => reason ?? '' },
  ], replicas, 'It has no replicas.')}`);
}
