import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The finished parts of a long bench in a file, one line each, written as they end: a call that was stopped is gone on
 * with by the next. Each line carries `key`, which says what it was made by (code and parameters; not the commit, since
 * most commits change neither), and lines of another key are passed over. Without a file it remembers, and keeps nothing.
 */
export class Ledger<Part> {
  readonly #file: string | undefined;
  readonly #key: string;
  readonly #parts: Part[] = [];

  constructor(file: string | undefined, key: string) {
    this.#file = file;
    this.#key = key;
    if (file === undefined || !existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const read = readLine(line);
      if (read?.key === key) this.#parts.push(read.part as Part);
    }
    // What was cut off in the middle must not swallow the next line.
    appendFileSync(file, '\n');
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  add(part: Part): void {
    this.#parts.push(part);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify({ key: this.#key, part })}\n`);
  }
}

/** Undefined for a line that is empty, or was cut off when its writer was killed. */
function readLine(line: string): { readonly key: string; readonly part: unknown } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as { key: string; part: unknown };
  } catch {
    return undefined;
  }
}

/** Twelve characters that change with the text of any TypeScript file below these paths, which are relative to the root of the tree. */
export function codeHash(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow).sort()) hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() || entry.name.endsWith('.ts') ? filesBelow(join(path, entry.name)) : []));
}
