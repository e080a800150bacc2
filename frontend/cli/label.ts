import { Command } from 'commander';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { numberGiven } from './terminal/given.ts';

interface Words extends ChangeWords {
  readonly remove?: boolean;
}

export function labelCommand(context: CommandContext): Command {
  return withReach(new Command('label').description('point a label at a version that is ready').argument('<model>').argument('<label>').argument('[version]'))
    .option('--remove', 'take the label away').option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind label digits-mlp stable 2\n  tradewind label digits-mlp canary --remove')
    .action((model: string, label: string, version: string | undefined, words: Words) => setLabel([model, label, version], words, context));
}

async function setLabel([model, label, version]: readonly [string, string, string | undefined], { remove = false, ...words }: Words, context: CommandContext): Promise<void> {
  if (remove === (version !== undefined)) throw new CommandFailure('say a version, or --remove', EXIT.usage);
  const path = `/admin/models/${encodeURIComponent(model)}/labels/${encodeURIComponent(label)}`;
  if (version === undefined) return change(words, context, ['DELETE', path]);
  await change(words, context, ['PUT', path, { version: numberGiven(version, 'the version', [1, 2 ** 31 - 1]) }]);
}
