import type { Fault } from '../domain/fault.ts';
import type { ContainerSpec } from '../domain/model.ts';
import type { NamedFiles } from './named-files.ts';
import type { RawModel } from './options.ts';

interface PythonReading {
  readonly at: readonly (string | number)[];
  readonly files: NamedFiles;
  readonly faults: Fault[];
}

const DEFAULT_INTERPRETER = 'python3';

/**
 * `container: python`: the interpreter (option `python`: a name on the broker's PATH, or a path) runs what `path` and the
 * options `entry` or `loader` name. It is code as a command is, and who may name it is asked in the same way.
 */
export function readPython(raw: RawModel, { at, files, faults }: PythonReading): ContainerSpec {
  const { python = DEFAULT_INTERPRETER, entry, loader } = raw.options;
  for (const [name, value] of Object.entries({ python, entry, loader })) {
    if (value !== undefined && (typeof value !== 'string' || value === '' || value.startsWith('-'))) faults.push({ path: [...at, 'options', name], message: 'is no name', expected: OPTIONS[name] ?? '' });
  }
  const interpreter = typeof python === 'string' ? python : DEFAULT_INTERPRETER;
  if (typeof entry === 'string' && (entry.startsWith('/') || entry.split('/').includes('..'))) faults.push({ path: [...at, 'options', 'entry'], message: `"${entry}" leads out of the folder of path`, expected: 'a module or file there' });
  if (entry === undefined && loader === undefined && raw.path?.endsWith('.py') !== true) faults.push({ path: at, message: 'says nothing that python is to serve', expected: 'options.entry, options.loader, or a path that ends with .py' });
  if (entry !== undefined && loader !== undefined) faults.push({ path: [...at, 'options'], message: 'names an entry and a loader', expected: 'one of them' });
  files.command([interpreter, raw.path ?? ''], [...at, 'options', 'python'], faults);
  return { kind: 'python', interpreter, cwd: files.folder };
}

/** `container: tensorflow`: the folder in `path`, and where the option `python` names one, the interpreter that stands in. */
export function readTensorflow(raw: RawModel, { at, files, faults }: PythonReading): ContainerSpec {
  const { python } = raw.options;
  if (raw.path === undefined) faults.push({ path: at, message: '"path" is missing', expected: 'the folder of a SavedModel, which tensorflow needs' });
  if (python === undefined) return { kind: 'tensorflow', cwd: files.folder };
  if (typeof python !== 'string' || python === '' || python.startsWith('-')) {
    faults.push({ path: [...at, 'options', 'python'], message: 'is no name', expected: OPTIONS['python'] ?? '' });
    return { kind: 'tensorflow', cwd: files.folder };
  }
  files.command([python, raw.path ?? ''], [...at, 'options', 'python'], faults);
  return { kind: 'tensorflow', interpreter: python, cwd: files.folder };
}

const OPTIONS: Readonly<Record<string, string>> = Object.freeze({
  python: 'the name or path of a Python interpreter',
  entry: 'module:function or file.py:function',
  loader: 'the name of a loader, such as sklearn',
});
