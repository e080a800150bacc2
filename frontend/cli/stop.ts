import process from 'node:process';
import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { stateDirOf, type ReachWords } from './broker/reach.ts';
import { controlSocketPath } from '../http/admin/socket.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { numberGiven } from './terminal/given.ts';

interface Words extends Pick<ReachWords, 'config' | 'stateDir' | 'json'> {
  readonly waitMs: string;
}

const LOOK_EVERY_MS = 50;

export function stopCommand(context: CommandContext): Command {
  return new Command('stop').description('stop the broker: accepted queries are answered, replicas end')
    .option('--config <file>', 'configuration file of the broker, for its state_dir').option('--state-dir <folder>', 'state_dir of the broker').option('--json', 'the answer as JSON')
    .option('--wait-ms <ms>', 'how long its end is waited for', '60000')
    .addHelpText('after', '\nExamples:\n  tradewind stop --config tradewind.yaml\n\nExit code 4: it was told, and had not ended when the wait was over.')
    .action((words: Words) => stop(words, context));
}

async function stop(words: Words, context: CommandContext): Promise<void> {
  const waitMs = numberGiven(words.waitMs, '--wait-ms', [1, 3_600_000]);
  const stateDir = await stateDirOf(words, context);
  const { pid } = await new BrokerCalls({ kind: 'socket', path: controlSocketPath(stateDir), stateDir }).ask<{ pid: number }>('POST', '/stop');
  const giveUpAt = context.now() + waitMs;
  while (isThere(pid)) {
    if (context.now() >= giveUpAt) throw new CommandFailure(`the broker (pid ${pid}) has not ended after ${waitMs} ms`, EXIT.notReady);
    await context.pause(LOOK_EVERY_MS);
  }
  context.print(words.json === true ? JSON.stringify({ pid, stopped: true }) : `The broker (pid ${pid}) has stopped.`);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
