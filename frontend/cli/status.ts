import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { conditionOf, findingText, type Condition } from './broker/condition.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { AppView, BrokerView, ModelView } from './broker/views.ts';
import { versionTable } from './models.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { harmless } from './terminal/screen.ts';
import { bytesText, duration } from './terminal/quantities.ts';

export function statusCommand(context: CommandContext): Command {
  return withReach(new Command('status').description('say how the broker and its models are, and what is wrong'))
    .addHelpText('after', '\nExamples:\n  tradewind status\n  tradewind status --json | jq .broker.ready\n\nExit code 4: some version has no ready replica, or the broker is stopping.')
    .action((words: ReachWords) => status(words, context));
}

async function status(words: ReachWords, context: CommandContext): Promise<void> {
  const calls = await BrokerCalls.to(words, context);
  const broker = await calls.ask<BrokerView>('GET', '/admin/broker');
  const { models } = await calls.ask<{ models: readonly ModelView[] }>('GET', '/admin/models');
  const { apps } = await calls.ask<{ apps: readonly AppView[] }>('GET', '/admin/apps');
  const condition = await conditionOf(calls);
  if (words.json === true) context.print(JSON.stringify({ broker, models, apps, findings: condition.found, troubles: condition.troubles }));
  else {
    const { paint } = context;
    const state = broker.draining ? paint('yellow', 'stopping') : broker.ready ? paint('green', 'ready') : paint('red', 'not ready');
    const upMs = context.now() - Date.parse(broker.started_at);
    context.print(`${paint('bold', `Tradewind ${broker.version}`)} ${state}, pid ${broker.pid}, up ${duration(upMs)}, ${bytesText(broker.resident_bytes)}, ${broker.open_queries} open queries, ${apps.length} app${apps.length === 1 ? '' : 's'}`);
    for (const line of wrongLines(condition, context)) context.print(line);
    context.print(versionTable(models.flatMap(({ versions }) => versions), context));
    for (const line of troubleLines(condition, context)) context.print(line);
  }
  if (broker.draining) throw new CommandFailure('the broker is stopping', EXIT.notReady);
  if (broker.missing.length > 0) throw new CommandFailure(`without a ready replica: ${broker.missing.join(', ')}`, EXIT.notReady);
}

function wrongLines({ found }: Condition, { paint }: CommandContext): string[] {
  return found.map(({ severity, subject, ...finding }) => `${severity === 'bad' ? paint('red', 'wrong') : paint('yellow', 'look ')}  ${paint('bold', subject)}: ${findingText(finding)}`);
}

function troubleLines({ troubles }: Condition, { paint }: CommandContext): string[] {
  if (troubles.length === 0) return [];
  const line = ({ agoMs, subject, text, times }: Condition['troubles'][number]): string => `${duration(agoMs).padStart(6)} ago  ${subject === '' ? '' : `${paint('bold', subject)}: `}${harmless(text)}${times > 1 ? ` (${times} times)` : ''}`;
  return ['', paint('bold', 'Last troubles'), ...troubles.map(line)];
}
