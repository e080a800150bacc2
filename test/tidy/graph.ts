import { dirname } from 'node:path';
import { imports, type Tree } from './tree.ts';

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** File → files of the tree that it imports, types included. */
export function fileGraph(tree: Tree): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [path, text] of tree) {
    if (path.endsWith('.ts')) graph.set(path, new Set(imports(path, text).filter((to) => tree.has(to))));
  }
  return graph;
}

/** Folder → other folders that its files import from. */
export function folderGraph(files: Graph): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, targets] of files) {
    const folder = dirname(from);
    const set = graph.get(folder) ?? new Set<string>();
    graph.set(folder, set);
    for (const to of targets) if (dirname(to) !== folder) set.add(dirname(to));
  }
  return graph;
}

/** Groups of nodes that reach one another (Tarjan's strongly connected components of more than one node). */
export function cycles(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node) ?? 0);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
      } else if (stack.includes(next)) {
        low.set(node, Math.min(low.get(node) ?? 0, order.get(next) ?? 0));
      }
    }
    if (low.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || graph.get(node)?.has(node) === true) found.push(group.toSorted((a, b) => a.localeCompare(b)));
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}
