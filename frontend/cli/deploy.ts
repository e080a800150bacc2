import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { archiveOf } from '../client/archive.ts';
import { filesOf } from '../model-files.ts';
import { BrokerCalls } from './broker/call.ts';
import { change, type ChangeWords } from './broker/change.ts';
import { withReach } from './broker/reach.ts';
import { waitForReplicas } from './broker/wait.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { jsonGiven, modelGiven, numberGiven } from './terminal/given.ts';

interface Words extends ChangeWords {
  readonly spec?: string;
  readonly container?: string;
  readonly path?: string;
  readonly file?: string;
  readonly options?: string;
  readonly input?: string;
  readonly output?: string;
  readonly replicas?: string;
  readonly label?: string;
  readonly waitMs: string;
}

export function deployCommand(context: CommandContext): Command {
  return withReach(new Command('deploy').description('add or change a version of a model, and wait until it is ready').argument('<model>', 'MODEL@VERSION').argument('[command...]', 'what starts its container, after --'))
    .option('--spec <json>', 'all of it, in the words of the configuration file: JSON, @FILE or -')
    .option('--container <kind>', 'onnx, python, synthetic …').option('--path <path>', 'the model file or folder; with --url it is sent to the broker').option('--file <name>', 'of a folder that is sent: the file in it that is the model').option('--options <json>', "the container's options")
    .option('--input <json>', 'its input, where the container does not say it: {"dtype": …, "shape": …}').option('--output <kind>', 'label, probabilities, logits, value or raw; where there are several outputs {"name": …, "kind": …}').option('--replicas <n>', 'replicas to run')
    .option('--label <label>', 'point this label at it once it is ready').option('--wait-ms <ms>', 'how long that may take', '120000').option('--dry-run', 'only say what would change')
    .addHelpText('after', '\nExamples:\n  tradewind deploy digits@2 --container onnx --path models/digits/2/model.onnx --output probabilities --label stable\n  tradewind deploy digits@2 --url https://broker:8000 --token-file token --container onnx --path models/digits/2/model.onnx\n  tradewind deploy mine@1 --input \'{"dtype": "float32", "shape": [64]}\' --output value -- node ./my-container.ts\n  tradewind deploy digits@3 --spec @digits.json --dry-run\n\nOver the control socket any file and program of this machine may be named. With --url the file or folder of --path is\nsent, where admin.allow_code allows it, and kept below admin.deploy_root; --spec names one that is there already. Exit code 4: it is deployed, and was not ready in time, or dies again and again.')
    .action((model: string, command: readonly string[], words: Words) => deploy(model, command, words, context));
}

async function deploy(given: string, command: readonly string[], words: Words, context: CommandContext): Promise<void> {
  const { model, version } = modelGiven(given);
  if (version === undefined) throw new CommandFailure(`say the version, as in ${model}@1`, EXIT.usage);
  const waitMs = numberGiven(words.waitMs, '--wait-ms', [1, 3_600_000]);
  const calls = await BrokerCalls.to(words, context);
  const path = `/admin/models/${encodeURIComponent(model)}/versions/${version}`;
  if (words.file !== undefined && (calls.reach.kind !== 'url' || words.path === undefined)) throw new CommandFailure('--file is of a folder that is sent: say --url and --path', EXIT.usage);
  const isFar = calls.reach.kind === 'url' && words.path !== undefined;
  if (isFar && words.dryRun === true) throw new CommandFailure('--dry-run sends no files, so that the broker could not say whether it would take them: say a path that it has in --spec', EXIT.usage);
  const asked = await specOf(command, words, context);
  const spec = isFar ? { ...asked, path: await sendFiles(resolve(context.workingFolder, words.path), { version: path, file: words.file, calls }) } : asked;
  await change(words, context, ['PUT', path, spec]);
  if (words.dryRun === true) return;
  const { spec: { replicas = 1 } } = await calls.ask<{ spec: { replicas?: number } }>('GET', path);
  await waitForReplicas(calls, { path, replicas, waitMs }, context);
  if (words.label !== undefined) await change(words, context, ['PUT', `/admin/models/${encodeURIComponent(model)}/labels/${encodeURIComponent(words.label)}`, { version }]);
}

/** Where the broker keeps the file that it was sent, the files of the folder, or the one of them that is the model. */
async function sendFiles(path: string, { version, file, calls }: { readonly version: string; readonly file: string | undefined; readonly calls: BrokerCalls }): Promise<string> {
  const bytes = archiveOf(await filesOf(path));
  const { path: folder } = await calls.ask<{ path: string }>('PUT', `${version}/files`, { bytes, headers: { 'content-type': 'application/x-tar' } });
  const model = statSync(path).isFile() ? basename(path) : file;
  return model === undefined ? folder : `${folder}/${model}`;
}

/** The body of the PUT; what single words say wins over `--spec`. */
async function specOf(command: readonly string[], words: Words, context: CommandContext): Promise<object> {
  const spec = words.spec === undefined ? {} : await jsonGiven(words.spec, '--spec', context);
  if (typeof spec !== 'object' || spec === null) throw new CommandFailure('--spec is no map', EXIT.usage);
  if (command.length > 0 && words.container !== undefined) throw new CommandFailure('say --container or a command, not both', EXIT.usage);
  const container = command.length > 0 ? { command: command.map((word) => fromHere(word, context)) } : words.container;
  return {
    ...spec,
    ...(container === undefined ? {} : { container }),
    ...(words.path === undefined ? {} : { path: resolve(context.workingFolder, words.path) }),
    ...(words.options === undefined ? {} : { options: await jsonGiven(words.options, '--options', context) }),
    ...(words.input === undefined ? {} : { input: await jsonGiven(words.input, '--input', context) }),
    ...(words.output === undefined ? {} : { output: words.output.startsWith('{') ? await jsonGiven(words.output, '--output', context) : { kind: words.output } }),
    ...(words.replicas === undefined ? {} : { replicas: numberGiven(words.replicas, '--replicas', [0, 256]) }),
  };
}

/** A path as it stands here means nothing where the broker stands. */
function fromHere(word: string, { workingFolder }: CommandContext): string {
  return word.startsWith('./') || word.startsWith('../') ? resolve(workingFolder, word) : word;
}
