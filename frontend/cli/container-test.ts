import { resolve } from 'node:path';
import { Command } from 'commander';
import { DTYPES } from '../../protos/dtype.ts';
import { parseTensorSpec } from '../../protos/parse-headers.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { CHECKS, type Finding, runChecks } from './container-test/run-checks.ts';
import type { TrialOptions } from './container-test/trial.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure } from './terminal/failure.ts';
import { onInterrupt } from './terminal/on-interrupt.ts';
import { harmless } from './terminal/screen.ts';

/** The words of `tradewind container-test`, as the command line has them. */
export interface ContainerTestWords {
  readonly command: readonly string[];
  readonly path?: string;
  readonly options?: string;
  readonly input?: string;
  readonly row?: string;
  readonly failingRow?: string;
  readonly only?: string;
  readonly skip?: string;
  readonly echo?: boolean;
  readonly json?: boolean;
  readonly limitMs: string;
  readonly startMs: string;
}

/** What the prose gives a container until it stops waiting for a welcome. */
const SILENCE_MS = 10_000;

/** Input of every dtype, fixed, free and ragged, for a container that gives back what it gets. */
const EVERY_DTYPE: readonly TensorSpec[] = Object.freeze([
  ...DTYPES.map((dtype): TensorSpec => ({ name: `every_${dtype}`, dtype, shape: [3] })),
  { name: 'free', dtype: 'float32', shape: [-1] },
  { name: 'ragged', dtype: 'int16', shape: [-1, 2], ragged: true },
]);

export function containerTestCommand({ print }: Pick<CommandContext, 'print'>): Command {
  return new Command('container-test').description('say whether a container keeps the contract of model-containers/README.md').argument('<command...>', 'what starts it, after --')
    .option('--path <path>', 'the model file or folder').option('--options <json>', "the container's options").option('--input <json>', 'its input, where the hello does not say it')
    .option('--row <json>', 'a row that the model can predict; zeros where left out').option('--failing-row <json>', 'a row that must fail alone')
    .option('--echo', 'its outputs are its inputs, whatever TRADEWIND_INPUT declares: every dtype is tried, bit by bit')
    .option('--only <checks>', 'names of checks, separated by commas').option('--skip <checks>', 'checks to leave out')
    .option('--start-ms <ms>', 'how long it may take until hello', '60000').option('--limit-ms <ms>', 'how long it may take for anything else', '10000').option('--json', 'one JSON document')
    .addHelpText('after', '\nExamples:\n  tradewind container-test -- node ./my-container.ts')
    .action((command: string[], words: Omit<ContainerTestWords, 'command'>) => containerTest({ command, ...words }, print));
}

/** Makes the checks and says a line for each. Ends in `CommandFailure`, with code 1, where one failed. */
export async function containerTest(words: ContainerTestWords, print: (text: string) => void): Promise<void> {
  const options = trialOptions(words);
  const checks = chosen(words);
  const findings = await interruptible((interrupted) => runChecks(options, checks, { interrupted, ...(words.json === true ? {} : { tell: (finding) => print(findingText(finding)) }) }));
  const count = (kind: Finding['verdict']['kind']): number => findings.filter(({ verdict }) => verdict.kind === kind).length;
  const counts = { passed: count('passed'), failed: count('failed'), not_applicable: count('not_applicable') };
  const text = `${counts.passed} passed, ${counts.failed} failed, ${counts.not_applicable} not applicable`;
  print(words.json === true ? JSON.stringify({ ...counts, checks: findings.map(({ verdict, ...about }) => ({ ...about, ...verdict, kind: undefined, verdict: verdict.kind })) }) : text);
  if (counts.failed > 0) throw new CommandFailure(`the container does not keep the contract of model-containers/README.md: ${text}`);
  if (counts.passed === 0) throw new CommandFailure('none of these checks applies to the container');
}

/** The container has a process group of its own, which the terminal's Ctrl-C does not reach: who changes their mind would leave it behind. */
async function interruptible<Result>(run: (interrupted: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const takeBack = onInterrupt(() => interruption.abort());
  try {
    return await run(interruption.signal);
  } finally {
    takeBack();
  }
}

/** `passed  hello  says hello first…`; what failed has two more lines. */
export function findingText({ check, promise, verdict }: Finding): string {
  switch (verdict.kind) {
    case 'passed': return `passed          ${check}: ${promise}`;
    case 'not_applicable': return `not applicable  ${check}: ${verdict.why}`;
    case 'failed': return `FAILED          ${check}: ${promise}\n    expected ${verdict.expected}\n    came     ${harmless(verdict.came)}`;
  }
}

function chosen({ only, skip }: ContainerTestWords): typeof CHECKS {
  const names = (list: string | undefined): readonly string[] => (list ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const unknown = [...names(only), ...names(skip)].filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) throw new CommandFailure(`there is no check ${unknown.join(', ')}; there are ${CHECKS.map(({ name }) => name).join(', ')}`);
  return CHECKS.filter(({ name }) => (only === undefined || names(only).includes(name)) && !names(skip).includes(name));
}

function trialOptions({ command: [program, ...args], ...words }: ContainerTestWords): TrialOptions {
  if (program === undefined) throw new CommandFailure('say the command that starts the container: tradewind container-test -- COMMAND');
  if (words.echo === true && words.input !== undefined) throw new CommandFailure('--echo declares inputs of every dtype: leave --input out');
  const input = words.echo === true ? EVERY_DTYPE : readInput(words.input);
  return {
    command: [program, ...args],
    env: {
      ...(words.path === undefined ? {} : { TRADEWIND_PATH: resolve(words.path) }),
      ...(words.options === undefined ? {} : { TRADEWIND_OPTIONS: words.options }),
      ...(input === undefined ? {} : { TRADEWIND_INPUT: JSON.stringify(input) }),
    },
    ...(words.row === undefined ? {} : { row: json('--row', words.row) }),
    ...(words.failingRow === undefined ? {} : { failingRow: json('--failing-row', words.failingRow) }),
    echo: words.echo === true,
    startMs: milliseconds('--start-ms', words.startMs),
    limitMs: milliseconds('--limit-ms', words.limitMs),
    silenceMs: SILENCE_MS,
  };
}

function readInput(text: string | undefined): readonly TensorSpec[] | undefined {
  if (text === undefined) return undefined;
  const given = json('--input', text);
  try {
    return (Array.isArray(given) ? given : [given]).map((spec) => parseTensorSpec(spec, '--input'));
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
}

function json(flag: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandFailure(`${flag} is not JSON: ${text}`);
  }
}

function milliseconds(flag: string, text: string): number {
  const ms = Number(text);
  if (!Number.isInteger(ms) || ms < 1 || ms > 3_600_000) throw new CommandFailure(`${flag} is not a number of milliseconds from 1 to 3600000: ${text}`);
  return ms;
}
