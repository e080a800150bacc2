import { Command } from 'commander';
import { BrokerCalls, refusal } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { jsonGiven, sloMsGiven } from './terminal/given.ts';
import { harmless } from './terminal/screen.ts';

interface Words extends ReachWords {
  readonly rows?: boolean;
  readonly sloMs?: string;
  readonly model?: string;
  readonly modelVersion?: string;
  readonly context?: string;
  readonly explain?: boolean;
}

interface Answer {
  readonly decision_id?: string;
  readonly output?: unknown;
  readonly outputs?: readonly unknown[];
  readonly model?: string;
  readonly version?: number;
  readonly source: string;
  readonly reason?: string;
  readonly confidence?: number;
  readonly latency_ms: number;
  readonly explanation?: unknown;
}

export function predictCommand(context: CommandContext): Command {
  return withReach(new Command('predict').description('ask an app for a prediction').argument('<app>').argument('<input>', 'JSON, @FILE or - for standard input'))
    .option('--rows', 'the input is a list of rows').option('--slo-ms <ms>', 'the latency objective').option('--model <arm>', 'ask this arm').option('--model-version <version>', 'this version or label of it')
    .option('--context <json>', 'what is known of the query').option('--explain', 'say how the choice was made')
    .addHelpText('after', '\nExamples:\n  tradewind predict digits @sample.json\n  tradewind predict digits "[0, 1, 2]" --slo-ms 5\n  echo "[[1], [2]]" | tradewind predict sums - --rows --json\n\nA file may hold the whole body of a request, {"input": …}. Exit code 4: the answer is the default output.')
    .action((app: string, input: string, words: Words) => predict(app, input, words, context));
}

async function predict(app: string, input: string, words: Words, context: CommandContext): Promise<void> {
  const body = await bodyOf(input, words, context);
  const reply = await (await BrokerCalls.to(words, context)).send('POST', `/v1/apps/${encodeURIComponent(app)}/predict`, { body });
  if (reply.status !== 200) throw refusal(reply);
  const answer = reply.body as Answer;
  context.print(words.json === true ? JSON.stringify(answer) : answerText(answer, context));
  if (answer.source === 'default') throw new CommandFailure(`the answer is the default output: ${answer.reason ?? 'no model answered in time'}`, EXIT.notReady);
}

async function bodyOf(input: string, words: Words, context: CommandContext): Promise<object> {
  const given = await jsonGiven(input, 'the input', context);
  const isBody = typeof given === 'object' && given !== null && !Array.isArray(given) && ('input' in given || 'inputs' in given);
  const version = words.modelVersion !== undefined && /^[0-9]+$/u.test(words.modelVersion) ? Number(words.modelVersion) : words.modelVersion;
  return {
    ...(isBody ? given : { [words.rows === true ? 'inputs' : 'input']: given }),
    ...(words.sloMs === undefined ? {} : { slo_ms: sloMsGiven(words.sloMs) }),
    ...(words.model === undefined ? {} : { model: words.model }), ...(version === undefined ? {} : { version }),
    ...(words.context === undefined ? {} : { context: await jsonGiven(words.context, '--context', context) }),
    ...(words.explain === true ? { explain: true } : {}),
  };
}

function answerText(answer: Answer, { paint }: CommandContext): string {
  const outputs = answer.outputs ?? [answer.output];
  const from = answer.model === undefined ? answer.source : `${answer.model}@${answer.version ?? '?'}`;
  const facts = [from, answer.confidence === undefined ? '' : `confidence ${answer.confidence.toFixed(3)}`, `${answer.latency_ms} ms`, answer.reason ?? ''].filter((fact) => fact !== '');
  return [
    ...outputs.map((output) => paint('bold', harmless(JSON.stringify(output)))),
    paint('dim', harmless(facts.join(' · '))),
    ...(answer.decision_id === undefined ? [] : [paint('dim', `decision ${harmless(answer.decision_id)}`)]),
    ...(answer.explanation === undefined ? [] : [harmless(JSON.stringify(answer.explanation))]),
  ].join('\n');
}
