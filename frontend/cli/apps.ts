import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { AppView } from './broker/views.ts';
import type { CommandContext } from './terminal/context.ts';
import { table } from './terminal/table.ts';

interface SelectionView {
  readonly policy: string;
  readonly steering: object;
  readonly arms: readonly ArmView[];
}

interface ArmView {
  readonly arm: string;
  readonly version: number | null;
  readonly replicas: number;
  readonly open: boolean;
  readonly share: number;
  readonly probability_best: number;
  readonly reward?: { readonly mean: number; readonly low: number; readonly high: number };
}

export function appsCommand(context: CommandContext): Command {
  return withReach(new Command('apps').description('list the apps, or show how one chooses among its arms').argument('[app]'))
    .addHelpText('after', '\nExamples:\n  tradewind apps\n  tradewind apps digits')
    .action((app: string | undefined, words: ReachWords) => (app === undefined ? listApps(words, context) : showApp(app, words, context)));
}

async function listApps(words: ReachWords, context: CommandContext): Promise<void> {
  const answer = await (await BrokerCalls.to(words, context)).ask<{ apps: readonly AppView[] }>('GET', '/admin/apps');
  context.print(words.json === true ? JSON.stringify(answer) : table(context, [
    { head: 'app', cell: ({ name }) => name },
    { head: 'arms', cell: ({ arms }) => arms.join(' ') },
    { head: 'policy', cell: ({ policy }) => (typeof policy === 'object' ? policy.name : policy ?? '') },
    { head: 'slo ms', cell: (app) => app.slo_ms, right: true },
    { head: 'on miss', cell: (app) => app.on_miss ?? '' },
    { head: 'default', cell: (app) => (app.default === undefined ? '' : JSON.stringify(app.default)) },
  ], answer.apps, 'There are no apps.'));
}

async function showApp(app: string, words: ReachWords, context: CommandContext): Promise<void> {
  const view = await (await BrokerCalls.to(words, context)).ask<SelectionView>('GET', `/admin/apps/${encodeURIComponent(app)}/selection`);
  if (words.json === true) return context.print(JSON.stringify(view));
  const steering = Object.keys(view.steering).length === 0 ? '' : `, steered: ${JSON.stringify(view.steering)}`;
  context.print(`${context.paint('bold', app)} chooses by ${view.policy}${steering}`);
  context.print(table<ArmView>(context, [
    { head: 'arm', cell: ({ arm }) => arm },
    { head: 'version', cell: ({ version }) => version ?? '–', right: true },
    { head: 'replicas', cell: ({ replicas }) => replicas, right: true },
    { head: 'open', cell: ({ open }) => (open ? { text: 'yes', tone: 'green' } : { text: 'no', tone: 'red' }) },
    { head: 'share', cell: ({ share }) => percent(share), right: true },
    { head: 'reward', cell: ({ reward }) => (reward === undefined ? '–' : `${reward.mean.toFixed(3)} (${reward.low.toFixed(3)} to ${reward.high.toFixed(3)})`) },
    { head: 'best', cell: (arm) => percent(arm.probability_best), right: true },
  ], view.arms, 'It has no arms.'));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
