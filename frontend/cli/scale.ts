import { Command } from 'commander';
import { BrokerCalls } from './broker/call.ts';
import { change, type ChangeWords } from './broker/change.ts';
import { findVersion, versionPath } from './broker/find-version.ts';
import { withReach } from './broker/reach.ts';
import { waitForReplicas } from './broker/wait.ts';
import type { CommandContext } from './terminal/context.ts';
import { numberGiven } from './terminal/given.ts';

const MOST_REPLICAS = 256;
const MOST_WAIT_MS = 3_600_000;

interface Words extends ChangeWords {
  readonly waitMs?: string;
}

export function scaleCommand(context: CommandContext): Command {
  return withReach(new Command('scale').description('set how many replicas of a model version run').argument('<model>', 'MODEL or MODEL@VERSION').argument('<replicas>'))
    .option('--wait-ms <ms>', 'wait until so many are ready, at most so long').option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind scale digits-mlp 3\n  tradewind scale digits-mlp@2 0 --dry-run\n  tradewind scale digits-mlp 4 --wait-ms 30000')
    .action((model: string, replicas: string, words: Words) => scale(model, numberGiven(replicas, 'the number of replicas', [0, MOST_REPLICAS]), words, context));
}

async function scale(given: string, replicas: number, words: Words, context: CommandContext): Promise<void> {
  const waitMs = words.waitMs === undefined ? undefined : numberGiven(words.waitMs, '--wait-ms', [1, MOST_WAIT_MS]);
  const calls = await BrokerCalls.to(words, context);
  const path = versionPath(await findVersion(calls, given));
  await change(words, context, ['PUT', `${path}/replicas`, { replicas }]);
  if (waitMs !== undefined && words.dryRun !== true) await waitForReplicas(calls, { path, replicas, waitMs }, context);
}
