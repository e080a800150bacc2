import { specifiers, type Tree } from './tree.ts';

/** Built from parts, so that this file does not hold what it looks for. */
const MACHINE = new RegExp(`(?<![\\w.])/(?:${['work', 'root', 'home/[a-z]+', 'Users'].join('|')})/[\\w.]`);
const VAGUE = /(?:^|\/)(?:index|utils?|commons?|helpers?|managers?|misc)\.ts$/;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/;
/** Text that is not ours to word. */
const FOREIGN = /^(?:LICENSE|package-lock\.json)$|\/gen\//;

export function nameFaults(tree: Tree): string[] {
  const faults: string[] = [];
  for (const [path, text] of tree) {
    const lines = FOREIGN.test(path) ? [] : text.split('\n');
    for (const [i, line] of lines.entries()) if (MACHINE.test(line)) faults.push(`${path}:${i + 1} names a path of some machine`);
    if (!path.endsWith('.ts')) continue;
    if (VAGUE.test(path)) faults.push(`${path} is named for nothing`);
    if (!KEBAB.test(path.split('/').at(-1) ?? '')) faults.push(`${path} is not in kebab-case`);
    for (const specifier of specifiers(text)) {
      if (specifier.startsWith('.') && !/\.(?:ts|json)$/.test(specifier)) faults.push(`${path} imports ${specifier} without its .ts`);
    }
  }
  return faults;
}

/** Hosts that the lock would fetch from: the public registry as npm writes it, or none written at all. */
export function lockFaults(lock: string): string[] {
  const hosts = [...lock.matchAll(/"resolved": "([a-z+]+:\/\/[^/"]+)/g)].map((match) => match[1] ?? '');
  return [...new Set(hosts)].filter((host) => host !== `https://${['registry', 'npmjs', 'org'].join('.')}`);
}
