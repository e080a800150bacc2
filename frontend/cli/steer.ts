import { Command } from 'commander';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { weightGiven } from './terminal/given.ts';

interface Words extends ChangeWords {
  readonly pin?: string;
  readonly freeze?: boolean;
  readonly exploit?: boolean;
  readonly floor?: readonly string[];
  readonly cap?: readonly string[];
  readonly shadow?: readonly string[];
  readonly release?: boolean;
}

export function steerCommand(context: CommandContext): Command {
  return withReach(new Command('steer').description('put a hand on how an app chooses among its arms, or take it off').argument('<app>'))
    .option('--pin <arm>', 'ask only this arm, as long as it can be').option('--freeze', 'rewards are kept, and teach nothing').option('--exploit', 'all traffic to the likeliest arm')
    .option('--floor <arm=p...>', 'least probability of arms').option('--cap <arm=p...>', 'greatest probability of arms').option('--shadow <arm...>', 'arms to ask beside the answer')
    .option('--release', 'take the hand off').option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind steer digits --pin digits-mlp\n  tradewind steer digits --floor digits-cnn=0.1 --cap digits-forest=0.2\n  tradewind steer digits --release\n\nWhat is not said is not so any more. `tradewind apps APP` shows what holds.')
    .action((app: string, words: Words) => steer(app, words, context));
}

async function steer(app: string, words: Words, context: CommandContext): Promise<void> {
  const { pin, freeze, exploit, floor, cap, shadow, release = false } = words;
  const steering = {
    ...(pin === undefined ? {} : { pin }), ...(freeze === true ? { frozen: true } : {}), ...(exploit === true ? { exploit: true } : {}),
    ...(floor === undefined ? {} : { floors: shares(floor) }), ...(cap === undefined ? {} : { caps: shares(cap) }), ...(shadow === undefined ? {} : { shadow }),
  };
  const path = `/admin/apps/${encodeURIComponent(app)}/selection`;
  if (release === Object.keys(steering).length > 0) throw new CommandFailure('say how, with --pin, --freeze, --exploit, --floor, --cap or --shadow; or --release', EXIT.usage);
  await change(words, context, release ? ['DELETE', path] : ['PUT', path, steering]);
}

function shares(given: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(given.map((text) => weightGiven(text, 'ARM=PROBABILITY')));
}
