import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface YamlSource {
  /** The whole as plain values; undefined where the text is no YAML. */
  readonly value: unknown;
  readonly faults: readonly (Position & { readonly message: string })[];
  /**
   * Where the value at this path stands, or the nearest one around it. A name in the place of a list position means the
   * entry with that `name`, or with that `name@version`.
   */
  locate(path: readonly (string | number)[]): Position;
}

const MAX_ALIASES = 100;

/** Reads one YAML 1.2 document. Duplicate keys, unknown tags and further documents are faults; aliases are bounded. */
export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({ ...at(pos[0]), message }));
  let value: unknown;
  if (faults.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (thrown) {
      faults.push({ ...at(0), message: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
  return { value, faults, locate: (path) => at(offsetOf(document, path)) };
}

/** Offset of the key, where the last segment is one; else of the list entry. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const segment of path) {
    const [key, next] = step(isAlias(node) ? node.resolve(document) : node, segment);
    if (key === undefined) break;
    offset = startOf(key);
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** What is shown for the segment (the key or the entry), and the node that it leads to. */
function step(node: unknown, segment: string | number): [unknown, unknown] {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
    return [pair?.key, pair?.value];
  }
  if (!isSeq(node)) return [undefined, undefined];
  const entry = typeof segment === 'number' ? node.items[segment] : node.items.find((item) => isNamed(item, segment));
  return [entry, entry];
}

function isNamed(item: unknown, name: string): boolean {
  if (!isMap(item)) return false;
  const itemName = String(item.get('name'));
  return itemName === name || `${itemName}@${String(item.get('version'))}` === name;
}
