import { imports, sources, specifiers, type Tree } from './tree.ts';

/** Where each room stands; imports point from a higher to a lower one, or stay in the room. */
const ROOMS: readonly (readonly [prefix: string, layer: number])[] = [
  // The command starts `main`; a bench may measure a part of a door, as it measures any other.
  ['frontend/cli/', 9], ['frontend/*.ts', 8],
  ['bench/', 7], ['deploy/', 7],
  ['frontend/http/', 6], ['frontend/grpc/', 6],
  ['frontend/serving/', 5], ['frontend/lifecycle/', 5], ['frontend/protocols/', 5],
  ['frontend/dispatch/', 4],
  ['frontend/batching/', 3], ['frontend/cache/', 3], ['frontend/control/', 3], ['frontend/rpc/', 3], ['frontend/storage/', 3],
  ['frontend/metrics/', 3], ['frontend/tracing/', 3], ['frontend/config/', 3], ['frontend/runtime/', 3],
  ['frontend/domain/', 2], ['frontend/client/', 2], ['frontend/dashboard/', 2], ['model-containers/', 2],
  ['selection-policies/', 1], ['protos/', 1],
];

/** These know each other only through contracts in frontend/domain, though their layers would allow more. */
const STRANGERS: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^frontend\/(serving|lifecycle|dispatch)\//, /^frontend\/(rpc|storage|http)\//],
  [/^frontend\//, /^model-containers\//],
  [/^model-containers\//, /^frontend\//],
];

export const PURE = /^(selection-policies|frontend\/(domain|batching|cache|control))\//;

function room(path: string): readonly [string, number] | undefined {
  // `main` and the files beside it are one room: the composition root.
  const place = /^frontend\/[^/]+\.ts$/.test(path) ? 'frontend/*.ts' : path;
  return ROOMS.find(([prefix]) => place.startsWith(prefix));
}

export function layerFaults(tree: Tree): string[] {
  const faults: string[] = [];
  for (const path of sources(tree)) {
    const from = room(path);
    if (from === undefined) {
      faults.push(`${path} stands in no room of test/tidy/layers.ts`);
      continue;
    }
    for (const target of imports(path, tree.get(path) ?? '')) {
      const to = room(target);
      if (to === undefined) faults.push(`${path} imports ${target}, which is no part of the house`);
      else if (to[0] !== from[0] && to[1] >= from[1]) faults.push(`${path} (layer ${from[1]}) imports ${target} (layer ${to[1]})`);
      else if (STRANGERS.some(([a, b]) => a.test(path) && b.test(target))) faults.push(`${path} imports ${target}; they may meet only through frontend/domain`);
    }
  }
  return faults;
}

const IMPURE = /(?<![.\w#$])(?:Date|performance|process|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|crypto|console)\b(?!\s*[:=](?!=))|\bMath\.random\b/g;

/** What a pure folder may not do; `code` must be rid of comments and strings. */
export function pureFaults(tree: Tree, codeOnly: (text: string) => string): string[] {
  const faults: string[] = [];
  for (const path of sources(tree)) {
    if (!PURE.test(path)) continue;
    const text = tree.get(path) ?? '';
    for (const specifier of specifiers(text)) if (!specifier.startsWith('.')) faults.push(`${path} imports ${specifier}`);
    for (const [word] of codeOnly(text).matchAll(IMPURE)) faults.push(`${path} uses ${word}`);
  }
  return faults;
}
