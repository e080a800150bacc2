import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { ModelSpec } from '../domain/model.ts';

/** The broker's surroundings, as `main` saw them. */
export interface HostEnvironment {
  /** The Node that runs the broker: what `node` means in a container's command. */
  readonly node: string;
  /** Program files of the containers that ship with the broker; of `python`, the folder that its package lies in. */
  readonly builtins: Readonly<Record<'onnx' | 'synthetic' | 'python' | 'tensorflow' | 'typescript', string>>;
  /** The broker's own environment; only PATH, HOME, LANG and TZ are handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ContainerCommand {
  /** Absolute path of an executable file. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const HANDED_ON = ['HOME', 'LANG', 'TZ'];
/** The descriptor from which a container reads its token until the end. */
export const TOKEN_FD = 3;

/** How a container is started; a string says why it cannot be. `connect` is where it shall come in. */
export function containerCommand(spec: ModelSpec, connect: string, host: HostEnvironment): ContainerCommand | string {
  const env = containerEnvironment(spec, connect, host);
  if (spec.container.kind === 'builtin') return { program: host.node, args: [host.builtins[spec.container.name]], env };
  if (spec.container.kind === 'dial' || spec.container.kind === 'oip') return 'a container that is dialled is not started';
  if (spec.container.kind === 'tensorflow') return tensorflowCommand(spec.container, env, host);
  if (spec.container.kind === 'python') return pythonCommand(spec.container, env, host);
  const { command, cwd } = spec.container;
  const [name = '', ...args] = command.map((word) => (/^\.\.?\//.test(word) ? resolve(cwd, word) : word));
  const program = findProgram(name, cwd, host, env['PATH'] ?? '');
  return program === undefined ? `there is no program "${name}" that can be run` : { program, args, env };
}

/** The container itself finds out whether it needs Python: here only what configuration names is found. */
function tensorflowCommand({ interpreter, cwd }: { readonly interpreter?: string; readonly cwd: string }, env: Readonly<Record<string, string>>, host: HostEnvironment): ContainerCommand | string {
  const command = { program: host.node, args: [host.builtins.tensorflow] };
  if (interpreter === undefined) return { ...command, env };
  const python = findProgram(interpreter, cwd, host, env['PATH'] ?? '');
  return python === undefined ? `there is no Python interpreter "${interpreter}" that can be run` : { ...command, env: { ...env, TRADEWIND_PYTHON: python } };
}

function pythonCommand({ interpreter, cwd }: { readonly interpreter: string; readonly cwd: string }, env: Readonly<Record<string, string>>, host: HostEnvironment): ContainerCommand | string {
  const program = findProgram(interpreter, cwd, host, env['PATH'] ?? '');
  if (program === undefined) return `there is no Python interpreter "${interpreter}" that can be run`;
  return { program, args: ['-m', 'tradewind.container'], env: { ...env, PYTHONPATH: host.builtins.python } };
}

/** Everything that a container gets to see: a clean environment, so that no secret of the broker leaks into it. */
function containerEnvironment(spec: ModelSpec, connect: string, host: HostEnvironment): Record<string, string> {
  const env: Record<string, string> = {
    PATH: [dirname(host.node), host.env['PATH']].filter((one) => one !== undefined && one !== '').join(delimiter),
    TRADEWIND_CONNECT: connect,
    TRADEWIND_MODEL: spec.name,
    TRADEWIND_VERSION: String(spec.version),
    TRADEWIND_OPTIONS: JSON.stringify(optionsOf(spec)),
    TRADEWIND_OWNED: '1',
    TRADEWIND_TOKEN_FD: String(TOKEN_FD),
  };
  if (spec.path !== undefined) env['TRADEWIND_PATH'] = spec.path;
  if (spec.input !== undefined) env['TRADEWIND_INPUT'] = JSON.stringify(spec.input);
  if (spec.limits?.threads !== undefined) for (const name of THREAD_WORDS) env[name] = String(spec.limits.threads);
  for (const name of HANDED_ON) {
    const value = host.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** What numeric libraries read their number of threads from. */
const THREAD_WORDS = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS', 'GOMAXPROCS'];

/** Our containers that have an option for it take their threads from the limits. */
function optionsOf({ container, options, limits }: ModelSpec): ModelSpec['options'] {
  const takes = container.kind === 'tensorflow' || (container.kind === 'builtin' && container.name === 'onnx');
  return takes && limits?.threads !== undefined ? { threads: limits.threads, ...options } : options;
}

function findProgram(name: string, cwd: string, host: HostEnvironment, path: string): string | undefined {
  if (name === 'node') return host.node;
  if (name === '') return undefined;
  if (name.includes('/')) {
    const program = isAbsolute(name) ? name : resolve(cwd, name);
    return isExecutable(program) ? program : undefined;
  }
  return findOnPath(name, path);
}

/** The first file of this name on `path` that can be run. */
export function findOnPath(name: string, path: string): string | undefined {
  return path.split(delimiter).filter(isAbsolute).map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
