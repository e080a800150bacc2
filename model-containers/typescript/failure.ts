import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PredictError } from './predict.ts';

/** This kit, and the containers beside it. */
const OURS = dirname(dirname(fileURLToPath(import.meta.url)));
/** A frame of a stack, or the line with which Node heads what it could not parse. */
const FRAME = /^(?: {4}at .*?)?\(?((?:file:\/\/)?\/[^():]+):(\d+)(?::\d+)?\)?$/u;
const MOST_TOLD = 32;

/**
 * What an author's code threw, in words for whoever has to mend it: `TypeError: x is undefined (sum.ts:4)`. The kind of
 * error where it says something, the message, the author's own line; `file` where the error names no line.
 */
export function describe(thrown: unknown, file?: string): string {
  if (thrown instanceof PredictError) return thrown.message;
  const { name, message } = thrown instanceof Error ? thrown : { name: 'Error', message: String(thrown) };
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
    if (!(thrown instanceof Error) || thrown instanceof PredictError || thrown.stack === undefined) return;
    const key = `${thrown.name} ${placeOf(thrown) ?? thrown.message}`;
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(key);
    this.#print(`${thrown.stack}\n`);
  }
}

/** The innermost line that is neither the kit's, nor Node's, nor a package's. */
function placeOf(thrown: unknown): string | undefined {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  for (const line of stack?.split('\n') ?? []) {
    const [, where = '', number = ''] = FRAME.exec(line) ?? [];
    if (where === '') continue;
    const path = where.startsWith('file:') ? fileURLToPath(where) : where;
    if (!path.startsWith(OURS) && !path.includes('/node_modules/')) return `${basename(path)}:${number}`;
  }
  return undefined;
}
