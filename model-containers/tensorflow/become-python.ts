import { accessSync, closeSync, constants, existsSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../typescript/environment.ts';

const KIT = fileURLToPath(new URL('../python', import.meta.url));
/** A Python with TensorFlow where prepare.sh was told to put it by the tests. */
const PREPARED = fileURLToPath(new URL('../../.venv/tensorflow/bin/python', import.meta.url));

/**
 * This process goes on as the Python container, with the same pid, arguments and environment, and its loader of SavedModels.
 * Returns only by throwing: an Error that says why it cannot.
 */
export function becomePython({ token, options }: Pick<Environment, 'token' | 'options'>): never {
  const python = interpreter(process.env);
  if (process.execve === undefined) throw new Error('this Node cannot become another program: it needs 22.15 or newer');
  const env: Record<string, string> = { ...definedOf(process.env), PYTHONPATH: KIT };
  if (token !== undefined) env['TRADEWIND_TOKEN_FD'] = String(passOn(token));
  const loaders = Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'runtime'));
  // The last of two equal flags wins.
  const args = ['loader:keras', ...process.argv.slice(2), '--options', JSON.stringify(loaders)];
  process.execve(python, [python, '-m', 'tradewind.container', ...args], env);
  throw new Error(`${python} could not be started`);
}

/** The one that configuration names, that prepare.sh made, or that is on the PATH. */
function interpreter(env: NodeJS.ProcessEnv): string {
  const named = env['TRADEWIND_PYTHON'];
  if (named !== undefined && named !== '') {
    // Where the change of program itself fails there is nobody left to say so.
    if (!isExecutable(named)) throw new Error(`${named}, which shall serve it instead, is no program that can be run`);
    return named;
  }
  if (existsSync(PREPARED)) return PREPARED;
  const found = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute).map((folder) => join(folder, 'python3')).find(isExecutable);
  if (found === undefined) throw new Error('there is no python3 on this machine to serve it instead');
  return found;
}

/**
 * A descriptor from which the token can be read once more. Only those of standard input, output and error outlive the change
 * of program, so it becomes standard input: a file that is gone from its folder before it holds anything.
 */
function passOn(token: string): number {
  const name = `token-${process.pid}`;
  closeSync(0);
  // The lowest that is free (open(2)), which is 0 now.
  const fd = openSync(name, 'wx+', 0o600);
  unlinkSync(name);
  // At a place, which leaves the reader's at the beginning.
  writeSync(fd, token, 0);
  return fd;
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
