import { Command } from 'commander';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';

export function rollbackCommand(context: CommandContext): Command {
  return withReach(new Command('rollback').description('point a label back at the version that it pointed at before').argument('<model>').argument('[label]', 'stable unless given', 'stable'))
    .option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind rollback digits-mlp\n  tradewind rollback digits-mlp canary --dry-run\n\nIt is instant while the version before is still ready, and refused where it is not.')
    .action((model: string, label: string, words: ChangeWords) => (
      change(words, context, ['POST', `/admin/models/${encodeURIComponent(model)}/labels/${encodeURIComponent(label)}/rollback`])
    ));
}
