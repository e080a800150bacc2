import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { Fault } from '../domain/fault.ts';

type Path = readonly (string | number)[];

/** Who may name which files and programs. A refusal is a fault; the result is then undefined. */
export interface NamedFiles {
  /** Relative paths begin here; commands are started here. */
  readonly folder: string;
  /** The file as an absolute path; it exists. */
  file(text: string, at: Path, faults: Fault[]): string | undefined;
  /** The path, whether there is something or not. */
  place(text: string, at: Path, faults: Fault[]): string | undefined;
  command(command: readonly string[], at: Path, faults: Fault[]): void;
}

/** The configuration file speaks: it is trusted with every path and program that exists. */
export function filesOfConfig(folder: string): NamedFiles {
  return {
    folder,
    file: (text, at, faults) => existing(resolve(folder, text), at, faults),
    place: (text) => resolve(folder, text),
    command: ([program = ''], at, faults) => {
      if (program === '') faults.push({ path: [...at, 0], message: 'is empty', expected: 'a program' });
      else if (program.includes('/') && !existsSync(resolve(folder, program))) faults.push({ path: [...at, 0], message: `${resolve(folder, program)} does not exist` });
    },
  };
}

const INTERPRETERS: ReadonlySet<string> = new Set(['node', 'python', 'python3']);
const NOT_BELOW = 'a path below admin.deploy_root';

/**
 * The admin door speaks: only files below `root`, symbolic links followed; only programs below it, by themselves or
 * started by an interpreter's name. The caller has checked `admin.allow_code`.
 */
export function filesBelow(root: string): NamedFiles {
  const below = (text: string): string | undefined => {
    const path = isAbsolute(text) ? resolve(text) : join(root, text);
    const real = realOf(path);
    return real?.startsWith(realOf(root) + sep) === true ? real : undefined;
  };
  const place = (text: string, at: Path, faults: Fault[]): string | undefined => {
    const path = below(text);
    if (path === undefined) faults.push({ path: at, message: `"${text}" is not there, or leads outside`, expected: NOT_BELOW });
    return path;
  };
  return {
    folder: root,
    file: (text, at, faults) => {
      const path = place(text, at, faults);
      return path === undefined ? undefined : existing(path, at, faults);
    },
    place,
    command: (command, at, faults) => {
      const which = INTERPRETERS.has(command[0] ?? '') ? 1 : 0;
      const program = command[which] ?? '';
      if (program.startsWith('-') || below(program) === undefined) {
        faults.push({ path: [...at, which], message: `"${program}" is not there, or leads outside`, expected: `a program below admin.deploy_root, or node or python3 and such a program` });
      }
    },
  };
}

/** Nobody may name files: what admin gets without `admin.allow_code`. `refused` tells the caller that somebody tried. */
export function noFiles(refused: () => void): NamedFiles {
  const refuse = (): undefined => {
    refused();
    return undefined;
  };
  return { folder: '/', file: refuse, place: refuse, command: refuse };
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function existing(path: string, at: Path, faults: Fault[]): string | undefined {
  if (existsSync(path)) return path;
  faults.push({ path: at, message: `${path} does not exist` });
  return undefined;
}

const MAX_CLASS_FILE_BYTES = 4 * 1024 * 1024;
const MAX_CLASSES = 100_000;
const MAX_CLASS_LENGTH = 256;

/** Reads class names, one a line; an empty line at the end is none. */
export function readClassNames(file: string, at: Path, faults: Fault[]): readonly string[] {
  const refuse = (message: string): readonly string[] => {
    faults.push({ path: at, message: `${file} ${message}`, expected: `one name a line, at most ${MAX_CLASSES} of at most ${MAX_CLASS_LENGTH} characters` });
    return [];
  };
  try {
    if (statSync(file).size > MAX_CLASS_FILE_BYTES) return refuse('is too large');
    const names = readFileSync(file, 'utf8').replace(/\r?\n$/u, '').split(/\r?\n/u);
    if (names.length > MAX_CLASSES) return refuse(`has ${names.length} lines`);
    const bad = names.findIndex((name) => name.trim() === '' || name.length > MAX_CLASS_LENGTH);
    return bad < 0 ? names : refuse(`has no class name in line ${bad + 1}`);
  } catch (thrown) {
    return refuse(`cannot be read: ${(thrown as Error).message}`);
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
