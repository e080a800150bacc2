import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { AppView, BrokerView, ModelView } from './broker/views.ts';
import { versionTable } from './models.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { bytesText, duration } from './terminal/quantities.ts';

export function statusCommand(context: CommandContext): Command {
  return withReach(new Command('status').description('say how the broker and its models are'))
    .addHelpText('after', '\nExamples:\n  tradewind status\n  tradewind status --json | jq .broker.ready\n\nExit code 4: some model has no ready replica, or the broker is stopping.')
    .action((words: ReachWords) => status(words, context));
}

async function status(words: ReachWords, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const broker = await calls.ask<BrokerView>('GET', '/admin/broker');
  const { models } = await calls.ask<{ models: readonly ModelView[] }>('GET', '/admin/models');
  const { apps } = await calls.ask<{ apps: readonly AppView[] }>('GET', '/admin/apps');
  if (words.json === true) context.print(JSON.stringify({ broker, models, apps }));
  else {
    const { paint } = context;
    const state = broker.draining ? paint('yellow', 'stopping') : broker.ready ? paint('green', 'ready') : paint('red', 'not ready');
    const upMs = context.now() - Date.parse(broker.started_at);
    context.print(`${paint('bold', `Tradewind ${broker.version}`)} ${state}, pid ${broker.pid}, up ${duration(upMs)}, ${bytesText(broker.resident_bytes)}, ${broker.open_queries} open queries, ${apps.length} app${apps.length === 1 ? '' : 's'}`);
    context.print(versionTable(models.flatMap(({ versions }) => versions), context));
  }
  if (broker.draining) throw new CommandFailure('the broker is stopping', EXIT.notReady);
  if (!broker.ready) throw new CommandFailure(`without a ready replica: ${broker.missing.join(', ')}`, EXIT.notReady);
}
