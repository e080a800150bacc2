import { dirname, join, normalize } from 'node:path';
import { codeOnly, imports, sources, type Tree } from './tree.ts';

/** Files that name programs: what they name is alive. */
const NAMING = ['package.json', '.ci/run', '.ci/deep', 'README.md', 'model-containers/README.md'];
const TS_PATH = /(?:\.{0,2}\/)*(?:[\w-]+\/)*[\w-]+\.ts\b/g;

/** Files of the tree that a source starts or loads by path: workers and child processes. */
function named(path: string, text: string, tree: Tree): string[] {
  const paths = text.replaceAll('${extname(import.meta.url)}', '.ts').match(TS_PATH) ?? [];
  return paths.flatMap((found) => [normalize(join(dirname(path), found)), normalize(found)]).filter((to) => tree.has(to));
}

/** Sources that nothing which runs ever reaches; tests do not count. */
export function deadFiles(tree: Tree): string[] {
  const alive = new Set<string>();
  const open = NAMING.flatMap((path) => named('.', tree.get(path) ?? '', tree));
  // Each program of the bench, each builder, and each that writes checked-in files, is run by hand too; a browser runs the page.
  open.push(...sources(tree).filter((path) => /^bench\/[^/]+\.ts$|\/(?:golden|gen)\/[^/]+\.ts$|-build\.ts$|^frontend\/dashboard\/main\.ts$/.test(path)));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (alive.has(path) || path.startsWith('test/')) continue;
    alive.add(path);
    const text = tree.get(path) ?? '';
    open.push(...imports(path, text).filter((to) => tree.has(to)), ...named(path, withoutComments(text), tree));
  }
  return sources(tree).filter((path) => !alive.has(path));
}

const EXPORTED = /^export\s+(?:declare\s+)?(?:async\s+|abstract\s+)?(?:const|let|function\*?|class|interface|type)\s+([\w$]+)/gm;

/** Exports that no other file uses, and that their own file does not need in the shape of another export. */
export function deadExports(tree: Tree): string[] {
  const words = new Map<string, Set<string>>();
  for (const [path, text] of tree) {
    if (path.endsWith('.ts')) for (const word of codeOnly(text).match(/[\w$]+/g) ?? []) words.set(word, (words.get(word) ?? new Set()).add(path));
  }
  const faults: string[] = [];
  for (const path of sources(tree)) {
    const text = tree.get(path) ?? '';
    for (const [declaration, name = ''] of text.matchAll(EXPORTED)) {
      const users = words.get(name);
      const type = /\b(interface|type)\b/.test(declaration);
      const inside = codeOnly(text).match(new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`, 'g'))?.length ?? 0;
      if ((users?.size ?? 0) < 2 && !(type && inside > 1)) faults.push(`${path} exports ${name}, which nobody uses`);
    }
  }
  return faults;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
