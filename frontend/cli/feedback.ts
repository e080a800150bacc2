import { Command } from 'commander';
import { BrokerCalls, refusal } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { jsonGiven } from './terminal/given.ts';

interface Words extends ReachWords {
  readonly reward?: string;
  readonly label?: string;
  readonly value?: string;
  readonly id?: string;
}

type Verdict = 'accepted' | 'repeated' | 'not_teachable';

const SENTENCES: Readonly<Record<Verdict, string>> = Object.freeze({
  accepted: 'Taken: it is durable.',
  repeated: 'It was taken before, and counts once.',
  not_teachable: 'It is kept, and credited to no arm: the query was pinned, or got a default.',
});

export function feedbackCommand(context: CommandContext): Command {
  return withReach(new Command('feedback').description('say what an answer was worth').argument('<decision>', 'the decision id of the answer'))
    .option('--reward <number>', 'from 0 to 1').option('--label <json>', 'what the answer should have been').option('--value <number>', 'in the range that the app states').option('--id <id>', 'your own word for this piece: the same again is a repeat')
    .addHelpText('after', '\nExamples:\n  tradewind feedback AQEp… --label 7\n  tradewind feedback AQEp… --reward 0.5 --id order-17')
    .action((decision: string, words: Words) => feedback(decision, words, context));
}

async function feedback(decision: string, { reward, label, value, id, ...words }: Words, context: CommandContext): Promise<void> {
  const given = Object.entries({ reward, label, value }).flatMap(([key, text]) => (text === undefined ? [] : [[key, text] as const]));
  const [only] = given;
  if (only === undefined || given.length > 1) throw new CommandFailure('say one of --reward, --label and --value', EXIT.usage);
  const [key, text] = only;
  const piece = { decision_id: decision, [key]: await valueOf(text, key, context), ...(id === undefined ? {} : { id }) };
  const reply = await (await BrokerCalls.to(words, context)).send('POST', '/v1/feedback', { body: piece });
  if (reply.status !== 200 && reply.status !== 202) throw refusal(reply);
  context.print(words.json === true ? JSON.stringify(reply.body) : SENTENCES[(reply.body as { verdict: Verdict }).verdict]);
}

/** A label that is no JSON is taken as the word that it is. */
function valueOf(text: string, key: string, context: CommandContext): Promise<unknown> {
  const isWord = key === 'label' && /^[\p{L}_][\p{L}\p{N}_ .-]*$/u.test(text) && !['true', 'false', 'null'].includes(text);
  return isWord ? Promise.resolve(text) : jsonGiven(text, `--${key}`, context);
}
