import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readRecording, type RecordedRequest } from '../domain/recording.ts';
import { BrokerCalls, type Reply } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { numberGiven } from './terminal/given.ts';
import { table } from './terminal/table.ts';

interface Words extends ReachWords {
  readonly app?: string;
  readonly speed?: string;
  readonly parallel: string;
  readonly limit?: string;
}

/** What came of the requests of one kind of answer. */
interface Outcome {
  readonly app: string;
  readonly answer: string;
  count: number;
}

const MOST_PARALLEL = 256;
const FASTEST = 1_000;

export function replayCommand(context: CommandContext): Command {
  return withReach(new Command('replay').description('ask the broker again what was recorded').argument('<file>', 'recorded requests, one JSON object a line'))
    .option('--app <app>', 'ask this app, whatever the lines say').option('--speed <x>', 'keep the pace of the recording, times this; else as fast as answers come').option('--parallel <n>', 'requests at once', '4').option('--limit <n>', 'only the first lines')
    .addHelpText('after', '\nExamples:\n  tradewind replay digits.jsonl\n  tradewind replay digits.jsonl --app digits-next --speed 2 --parallel 16\n\nA line is {"app": …, "at_ms": …, "body": {"input": …}}. Exit code 1: some were refused.')
    .action((file: string, words: Words) => replay(file, words, context));
}

async function replay(file: string, words: Words, context: CommandContext): Promise<void> {
  const parallel = numberGiven(words.parallel, '--parallel', [1, MOST_PARALLEL]);
  const speed = words.speed === undefined ? undefined : Number(words.speed);
  if (speed !== undefined && !(speed > 0 && speed <= FASTEST)) throw new CommandFailure(`--speed is ${words.speed ?? ''}, not a number above 0 and up to ${FASTEST}`, EXIT.usage);
  const requests = readFile(file, words, context);
  const calls = await BrokerCalls.to(words, context);
  const outcomes = new Map<string, Outcome>();
  const queue = requests.values();
  const began = context.now();
  const first = requests.find(({ atEpochMs }) => atEpochMs !== undefined)?.atEpochMs ?? 0;
  const worker = async (): Promise<void> => {
    for (const request of queue) {
      if (speed !== undefined && request.atEpochMs !== undefined) await context.pause(Math.max(0, began + (request.atEpochMs - first) / speed - context.now()));
      note(outcomes, request.app, await calls.send('POST', `/v1/apps/${encodeURIComponent(request.app)}/predict`, { text: request.body }));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  report([...outcomes.values()], words, context);
}

function readFile(file: string, words: Words, { workingFolder }: CommandContext): readonly (RecordedRequest & { readonly app: string })[] {
  let text: string;
  try {
    text = readFileSync(resolve(workingFolder, file), 'utf8');
  } catch (thrown) {
    throw new CommandFailure(`${file} cannot be read: ${(thrown as Error).message}`, EXIT.usage);
  }
  const { requests, faults } = readRecording(text, words.limit === undefined ? undefined : numberGiven(words.limit, '--limit', [1, Number.MAX_SAFE_INTEGER]));
  const named = requests.map((request) => ({ ...request, app: words.app ?? request.app ?? '' }));
  if (named.some(({ app }) => app === '')) throw new CommandFailure(`${file} has lines that name no app: say --app`, EXIT.usage);
  if (faults.length > 0) throw new CommandFailure([`${file} is no recording`, ...faults.slice(0, 10).map(({ line, why }) => `  line ${line} ${why}`)].join('\n'), EXIT.usage);
  return named;
}

function note(outcomes: Map<string, Outcome>, app: string, { status, body }: Reply): void {
  const { source, reason, error } = (body ?? {}) as { source?: string; reason?: string; error?: { code?: string } };
  const answer = status === 200 ? [source ?? '200', reason].filter((word) => word !== undefined).join(': ') : `refused: ${error?.code ?? status}`;
  const key = `${app}\n${answer}`;
  const known = outcomes.get(key) ?? { app, answer, count: 0 };
  known.count++;
  outcomes.set(key, known);
}

function report(outcomes: readonly Outcome[], words: Words, context: CommandContext): void {
  context.print(words.json === true ? JSON.stringify({ outcomes }) : table<Outcome>(context, [
    { head: 'app', cell: ({ app }) => app },
    { head: 'answered by', cell: ({ answer }) => answer },
    { head: 'requests', cell: ({ count }) => count, right: true },
  ], outcomes, 'The recording is empty.'));
  const refused = outcomes.filter(({ answer }) => answer.startsWith('refused')).reduce((sum, { count }) => sum + count, 0);
  if (refused > 0) throw new CommandFailure(refused === 1 ? 'one request was refused' : `${refused} requests were refused`);
}
