import { Command } from 'commander';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { modelGiven } from './terminal/given.ts';

interface Words extends ChangeWords {
  readonly app?: boolean;
}

export function removeCommand(context: CommandContext): Command {
  return withReach(new Command('remove').description('take a version of a model away, or an app').argument('<name>', 'MODEL@VERSION, or with --app an app'))
    .option('--app', 'it is an app', false).option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind remove digits-mlp@1 --dry-run\n  tradewind remove digits --app\n\nA version answers what it has, and ends. What the configuration file names comes back at the next apply: take it out there too.')
    .action((name: string, words: Words) => change(words, context, ['DELETE', words.app === true ? `/admin/apps/${encodeURIComponent(name)}` : pathOf(name)]));
}

function pathOf(name: string): string {
  const { model, version } = modelGiven(name);
  if (version === undefined) throw new CommandFailure('say which version, as MODEL@VERSION', EXIT.usage);
  return `/admin/models/${encodeURIComponent(model)}/versions/${version}`;
}
