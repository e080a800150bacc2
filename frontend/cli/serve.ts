import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import type { LoadedConfig } from '../config/load.ts';
import { environmentHelp } from '../config/option-table.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { armModels } from '../domain/arm.ts';
import type { AppSpec } from '../domain/model.ts';
import { readConfigFile } from '../lifecycle/desired-file.ts';
import type { Surroundings } from '../lifecycle/desired-file.ts';
import { keepGarbageYoung } from '../runtime/young-garbage.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, explain, faultList } from './terminal/failure.ts';

export type StartBroker = (start: { config: LoadedConfig; configPath: string }) => Promise<{ url: string }>;

export interface ServeOptions extends Surroundings {
  readonly config: string;
  readonly startBroker: StartBroker;
  readonly print: (text: string) => void;
}

/** Only it loads the broker: the other commands answer at once. */
export function serveCommand({ print, environment, workingFolder }: CommandContext): Command {
  return new Command('serve').description('start the broker').requiredOption('--config <file>', 'the configuration file')
    .addHelpText('after', `\nExamples:\n  tradewind serve --config tradewind.yaml\n\n${environmentHelp()}`)
    .action(async ({ config }: { config: string }) => {
      keepGarbageYoung();
      const { startBroker } = await import('../main.ts');
      await serve({ config, startBroker, print, environment, workingFolder });
    });
}

/** Starts the broker and says where it is; it then runs until a signal, which is its own affair. */
export async function serve({ config: configPath, startBroker, print, ...surroundings }: ServeOptions): Promise<void> {
  const read = readConfigFile(configPath, surroundings);
  if (!read.ok) throw new CommandFailure(faultList(read.faults));
  let url: string;
  try {
    ({ url } = await startBroker({ config: read.config, configPath: read.config.path }));
  } catch (thrown) {
    throw new CommandFailure(explain(thrown));
  }
  print(`Tradewind listens on ${url}`);
  const example = exampleCall(url, read.config, surroundings.workingFolder);
  if (example !== undefined) print(`Try it:\n${example}`);
}

/** A call to paste: the sample beside the configuration where there is one, else zeros of the input's shape where it is known. */
function exampleCall(url: string, config: LoadedConfig, workingFolder: string): string | undefined {
  const app = Object.values(config.wanted.apps)[0];
  if (app === undefined) return undefined;
  const sample = join(dirname(config.path), 'sample.json');
  const data = existsSync(sample) ? `@${quoted(relative(workingFolder, sample))}` : zeros(app, config);
  return data === undefined ? undefined : `  curl -s ${curlWords(url, config)}/v1/apps/${app.name}/predict -H 'content-type: application/json' -d ${data}`;
}

/** The address as curl takes it, and what it needs to know beside it. */
function curlWords(url: string, { settings: { listen } }: LoadedConfig): string {
  if (url.startsWith('unix:')) return `--unix-socket ${quoted(url.slice('unix:'.length))} http://localhost`;
  return listen.tls === undefined ? url : `--cacert ${quoted(listen.tls.cert)} ${url}`;
}

const MAX_ZEROS = 128;

function zeros(app: AppSpec, { wanted }: LoadedConfig): string | undefined {
  const input = app.arms.flatMap((arm) => armModels(arm, wanted)).find((model) => model.input !== undefined)?.input;
  if (input === undefined || input.some(({ dtype, shape }) => dtype === 'bytes' || shape.reduce((size, extent) => size * Math.abs(extent), 1) > MAX_ZEROS)) return undefined;
  const [only] = input;
  const value = only !== undefined && input.length === 1 ? zerosOf(only) : Object.fromEntries(input.map((tensor) => [tensor.name, zerosOf(tensor)]));
  return `'${JSON.stringify({ input: value })}'`;
}

function zerosOf({ dtype, shape }: TensorSpec): unknown {
  return shape.reduceRight<unknown>((inner, extent) => Array.from({ length: Math.abs(extent) }, () => inner), dtype === 'bool' ? false : 0);
}

function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
