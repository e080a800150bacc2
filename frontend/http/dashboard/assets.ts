import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** A file as a browser gets it. */
export interface Asset {
  readonly body: Buffer;
  readonly contentType: string;
  /** Changes with the body (RFC 9110 §8.8.3). */
  readonly etag: string;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'], ['.css', 'text/css; charset=utf-8'], ['.svg', 'image/svg+xml'],
  ['.js', 'text/javascript; charset=utf-8'], ['.ts', 'text/javascript; charset=utf-8'],
]);
/** Of a checkout this is `.ts`, of the package `.js`. */
const CODE = extname(import.meta.url);
const FOLDER = fileURLToPath(new URL('../../dashboard/', import.meta.url));
const UPLOT = join(dirname(createRequire(import.meta.url).resolve('uplot')));

/**
 * The page's files, by the names under which they are asked for; nothing else of the disk can be. Each is read when it is
 * first asked for, and kept.
 */
export class Assets {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #kept = new Map<string, Asset>();

  constructor() {
    const ours = readdirSync(FOLDER).filter((file) => TYPES.has(extname(file)) && !file.endsWith('.d.ts')).map((file) => [file, join(FOLDER, file)] as const);
    this.#paths = new Map([...ours, ['uplot.js', join(UPLOT, 'uPlot.iife.min.js')], ['uplot.css', join(UPLOT, 'uPlot.min.css')]]);
  }

  get(name: string): Asset | undefined {
    const kept = this.#kept.get(name);
    const path = this.#paths.get(name);
    if (kept !== undefined || path === undefined) return kept;
    const body = Buffer.from(contentOf(path));
    const asset = { body, contentType: TYPES.get(extname(path)) ?? 'application/octet-stream', etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"` };
    this.#kept.set(name, asset);
    return asset;
  }
}

/** Browsers read no types; and the page names its first module by the extension that there is. */
function contentOf(path: string): string {
  const text = readFileSync(path, 'utf8');
  switch (extname(path)) {
    case '.ts': return withoutTypes(text);
    case '.html': return text.replaceAll(/(?<=src="[^"]*)\.ts(?=")/gu, CODE);
    default: return text;
  }
}

/** Node strips types from its own programs without a word; for a text it warns that the function may change. Nobody could do anything about that. */
function withoutTypes(text: string): string {
  const emitWarning: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    Reflect.set(process, 'emitWarning', emitWarning);
  }
}
