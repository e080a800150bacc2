import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where the Python package is: a container finds it by PYTHONPATH. */
export const PYTHON_KIT = fileURLToPath(new URL('../../model-containers/python', import.meta.url));

/**
 * An interpreter with numpy and msgpack: the one that TRADEWIND_PYTHON names, the system's where it has them, else that of
 * a virtual environment which is made once, in a folder that git ignores.
 */
export async function pythonWithKit(env: Readonly<Record<string, string | undefined>> = process.env): Promise<string> {
  const named = env['TRADEWIND_PYTHON'];
  if (named !== undefined && named !== '') return named;
  if (await hasPackages('python3')) return 'python3';
  const folder = join(PYTHON_KIT, '.venv');
  if (!existsSync(folder)) await makeEnvironment(folder);
  return join(folder, 'bin/python');
}

async function hasPackages(python: string): Promise<boolean> {
  try {
    await run(python, ['-c', 'import numpy, msgpack']);
    return true;
  } catch {
    return false;
  }
}

/** Under a name of its own, then renamed: several test files may want it at once, and half a one is none. */
async function makeEnvironment(folder: string): Promise<void> {
  const unfinished = `${folder}-${process.pid}.tmp`;
  try {
    await run('python3', ['-m', 'venv', unfinished]);
    await run(join(unfinished, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'numpy', 'msgpack']);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
