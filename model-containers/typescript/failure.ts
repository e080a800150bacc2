import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PredictError } from './predict.ts';

/** This kit, and the containers beside it. */
const OURS = dirname(dirname(fileURLToPath(import.meta.url)));
/** A frame of a stack, or the line with which Node heads what it could not parse. */
const FRAME = /^(?: {4}at .*?)?\(?((?:file:\/\/)?\/[^():]+):(\d+)(?::\d+)?\)?$/u;
const MOST_TOLD = 32;
/** Less than a message of the wire may have: where it was thrown is said behind it. */
const MOST_SAID_CHARS = 1500;
/** Of a stack: a message may hold a whole data set, and the model waits until it is printed. */
const FIRST_LINES = 10;
const LAST_LINES = 30;
const LINE_CHARS = 1000;

/**
 * What an author's code threw, in words for whoever has to mend it: `TypeError: x is undefined (sum.ts:4)`. The kind of
 * error where it says something, the message, the author's own line; `file` where the error names no line.
 */
export function describe(thrown: unknown, file?: string): string {
  if (thrown instanceof PredictError) return thrown.message;
  const [name, message] = thrown instanceof Error ? [textOf(thrown.name), textOf(thrown.message)] : ['Error', textOf(thrown)];
  const place = placeOf(thrown) ?? file;
  const said = name === 'Error' ? message : `${name}${message === '' ? '' : `: ${message}`}`;
  return `${said === '' ? name : said}${place === undefined ? '' : ` (${place})`}`;
}

/** Prints the stack of an error the first time that it comes from its place: a model that fails at each call does not flood the log. */
export class Stacks {
  readonly #told = new Set<string>();
  readonly #print: (text: string) => void;

  constructor(print: (text: string) => void = (text) => void process.stderr.write(text)) {
    this.#print = print;
  }

  tell(thrown: unknown): void {
    const stack = stackOf(thrown);
    if (!(thrown instanceof Error) || thrown instanceof PredictError || stack === undefined) return;
    const key = `${textOf(thrown.name)} ${placeOf(thrown) ?? textOf(thrown.message)}`;
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(key);
    this.#print(bounded(stack));
  }
}

function bounded(stack: string): string {
  const lines = stack.split('\n').map((line) => line.slice(0, LINE_CHARS));
  const leftOut = lines.length - FIRST_LINES - LAST_LINES;
  if (leftOut > 0) lines.splice(FIRST_LINES, leftOut, `(${leftOut} lines more)`);
  return `${lines.join('\n')}\n`;
}

/** What an author throws, or puts into an error, may fail to say what it is, or say far too much. */
function textOf(value: unknown): string {
  try {
    return String(value).slice(0, MOST_SAID_CHARS);
  } catch {
    return 'something that is no text';
  }
}

/** A library may have taken stacks into its own hands (`Error.prepareStackTrace`): then they are anything. */
function stackOf(thrown: unknown): string | undefined {
  const stack: unknown = thrown instanceof Error ? thrown.stack : undefined;
  return typeof stack === 'string' ? stack : undefined;
}

/** The innermost line that is neither the kit's, nor Node's, nor a package's. */
function placeOf(thrown: unknown): string | undefined {
  for (const line of stackOf(thrown)?.split('\n') ?? []) {
    const [, where = '', number = ''] = FRAME.exec(line) ?? [];
    if (where === '') continue;
    const path = where.startsWith('file:') ? fileURLToPath(where) : where;
    if (!path.startsWith(OURS) && !path.includes('/node_modules/')) return `${basename(path)}:${number}`;
  }
  return undefined;
}
