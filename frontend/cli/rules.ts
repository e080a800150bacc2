import { Command } from 'commander';
import { BrokerCalls, refusal } from './broker/call.ts';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { numberGiven, weightGiven } from './terminal/given.ts';

interface Words extends ChangeWords {
  readonly latest?: string;
  readonly all?: boolean;
  readonly specific?: readonly string[];
  readonly transition?: string;
  readonly split?: readonly string[];
  readonly remove?: boolean;
}

/** As admin writes them: `{version_policy, transition, split}`. */
type Rules = Readonly<Record<string, unknown>>;

export function rulesCommand(context: CommandContext): Command {
  return withReach(new Command('rules').description('show or say how the versions of a model come, go and share traffic').argument('<model>'))
    .option('--latest <n>', 'the newest so many versions run').option('--all', 'all versions run').option('--specific <version...>', 'these versions run')
    .option('--transition <word>', 'availability: the new one is ready before the old one goes; resource: the other way').option('--split <label=weight...>', 'traffic of queries that name no version, by label')
    .option('--remove', 'leave it without rules of its own').option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind rules digits\n  tradewind rules digits --latest 2 --transition availability\n  tradewind rules digits --split stable=95 canary=5\n  tradewind rules digits --remove\n\nWhat is not said stays as it is.')
    .action((model: string, words: Words) => rules(model, words, context));
}

async function rules(model: string, words: Words, context: CommandContext): Promise<void> {
  const path = `/admin/models/${encodeURIComponent(model)}/rules`;
  const said = saidBy(words);
  const isChange = Object.keys(said).length > 0;
  if (words.remove === true && isChange) throw new CommandFailure('--remove leaves no rules to say', EXIT.usage);
  if (words.remove === true) return change(words, context, ['DELETE', path]);
  const reply = await (await BrokerCalls.to(words, context)).send('GET', path);
  if (reply.status !== 200) throw refusal(reply);
  const now = reply.body as Rules;
  if (!isChange) return context.print(words.json === true ? JSON.stringify(now) : inWords(model, now));
  // By its etag: what another operator has said meanwhile is not lost.
  await change(words, context, ['PUT', path, { ...now, ...said }, reply.etag]);
}

function saidBy({ latest, all, specific, transition, split }: Words): Rules {
  const policies = [
    ...(latest === undefined ? [] : [{ latest: numberGiven(latest, '--latest', [1, 64]) }]), ...(all === true ? ['all'] : []),
    ...(specific === undefined ? [] : [{ specific: specific.map((version) => numberGiven(version, 'the version', [1, 2 ** 31 - 1])) }]),
  ];
  if (policies.length > 1) throw new CommandFailure('say one of --latest, --all and --specific', EXIT.usage);
  return {
    ...(policies.length === 0 ? {} : { version_policy: policies[0] }), ...(transition === undefined ? {} : { transition }),
    ...(split === undefined ? {} : { split: Object.fromEntries(split.map((text) => weightGiven(text, 'LABEL=WEIGHT'))) }),
  };
}

function inWords(model: string, now: Rules): string {
  const lines = Object.entries(now).map(([word, value]) => `${word}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return lines.length === 0 ? `${model} has no rules of its own.` : lines.join('\n');
}
