import { Command } from 'commander';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { jsonGiven } from './terminal/given.ts';

export function appCommand(context: CommandContext): Command {
  return new Command('app').description('add or change an app').addCommand(withReach(new Command('put').description('add an app, or make it what is said: what is not said has its default').argument('<app>').argument('<spec>', 'in the words of the configuration file: JSON, @FILE or -'))
    .option('--dry-run', 'only say what would change')
    .action(async (app: string, spec: string, words: ChangeWords) => change(words, context, ['PUT', `/admin/apps/${encodeURIComponent(app)}`, await jsonGiven(spec, 'the app', context)])))
    .addHelpText('after', '\nExamples:\n  tradewind app put digits \'{"arms": ["digits-mlp", "digits-cnn"], "slo_ms": 20, "default": -1}\' --dry-run\n\n`tradewind remove APP --app` takes one away.');
}
