import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Path from the root → text. Checks take one, so that they can be shown a tree that is wrong. */
export type Tree = ReadonlyMap<string, string>;

/** What git tracks or would track; text of the files that are text. */
export function readTree(): Tree {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const tree = new Map<string, string>();
  for (const path of listed.split('\0')) {
    if (path === '' || !existsSync(join(ROOT, path))) continue;
    const text = readFileSync(join(ROOT, path)).toString('utf8');
    tree.set(path, text.includes('\0') ? '' : text);
  }
  return tree;
}

export function sources(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => path.endsWith('.ts') && !path.startsWith('test/'));
}

const FROM = /^[ \t]*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const SIDE_EFFECT = /^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** The specifiers that a file imports, types included, in no particular order. */
export function specifiers(text: string): string[] {
  return [FROM, SIDE_EFFECT, DYNAMIC].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** The files of this tree that a file imports, as paths from the root. */
export function imports(path: string, text: string): string[] {
  return specifiers(text).filter((specifier) => specifier.startsWith('.')).map((specifier) => normalize(join(dirname(path), specifier)));
}

const SKIP = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/g;

/** The text without comments, strings and regular expressions, so that words can be looked for. */
export function codeOnly(text: string): string {
  return text.replace(SKIP, (skipped) => (skipped.startsWith('/') ? ' ' : "''"));
}
