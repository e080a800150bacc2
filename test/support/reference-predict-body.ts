import { isUtf8 } from 'node:buffer';
import type { Dtype } from '../../protos/dtype.ts';
import { DTYPE_BYTES } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';

/**
 * Predict bodies read the slow way: `JSON.parse` says whether it is JSON, then a tree with the numbers as they were
 * written is held against the signature. Written apart from the parser that it judges, for clearness only.
 */
export interface ReferenceBody {
  readonly rows: number;
  readonly many: boolean;
  /** Per input: shape of every row and its bytes in hexadecimal. */
  readonly columns: readonly (readonly { readonly shape: readonly number[]; readonly hex: string }[])[];
  readonly fields: Readonly<Record<string, unknown>>;
}

type Node =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Node])[] }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'number'; readonly source: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'word'; readonly word: string };

class Refused extends Error {}

/** The body, or undefined where it has to be refused. SLOs may be 1 … 1000 ms. */
export function referenceBody(bytes: Buffer, inputs: readonly TensorSpec[]): ReferenceBody | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  if (text.startsWith('\ufeff')) return undefined;
  try {
    JSON.parse(text);
    return readBody(treeOf(text), inputs);
  } catch (thrown) {
    if (thrown instanceof Refused || thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** Nearest bfloat16, by trying both neighbours. */
export function referenceBfloat16(value: number): number {
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  const at = (bits: number): number => {
    word[0] = bits << 16;
    return bits === 0x7f80 ? 2 ** 128 : (float[0] ?? 0);
  };
  const magnitude = Math.abs(value);
  let below = 0;
  for (let bit = 0x4000; bit > 0; bit >>= 1) if (below + bit < 0x7f80 && at(below + bit) <= magnitude) below += bit;
  const down = magnitude - at(below);
  const up = at(below + 1) - magnitude;
  const bits = down < up || (down === up && below % 2 === 0) ? below : below + 1;
  if (bits >= 0x7f80) return -1;
  return (Object.is(Math.sign(value), -1) || Object.is(value, -0) ? 0x8000 : 0) | bits;
}

function treeOf(text: string): Node {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  let at = 0;
  const read = (): Node => {
    const token = tokens[at++] ?? '';
    if (token === '[') {
      const items: Node[] = [];
      while (tokens[at] !== ']') {
        items.push(read());
        if (tokens[at] === ',') at++;
      }
      at++;
      return { kind: 'array', items };
    }
    if (token === '{') {
      const entries: [string, Node][] = [];
      while (tokens[at] !== '}') {
        const key = JSON.parse(tokens[at] ?? '') as string;
        at += 2;
        entries.push([key, read()]);
        if (tokens[at] === ',') at++;
      }
      at++;
      return { kind: 'object', entries };
    }
    if (token.startsWith('"')) return { kind: 'string', text: JSON.parse(token) as string };
    return /^[-\d]/.test(token) ? { kind: 'number', source: token } : { kind: 'word', word: token };
  };
  return read();
}

function valueOf(node: Node): unknown {
  switch (node.kind) {
    case 'object': return Object.fromEntries(node.entries.map(([key, value]) => [key, valueOf(value)]));
    case 'array': return node.items.map(valueOf);
    case 'number': return Number(node.source);
    case 'string': return node.text;
    case 'word': return JSON.parse(node.word) as unknown;
  }
}

function readBody(tree: Node, inputs: readonly TensorSpec[]): ReferenceBody {
  if (tree.kind !== 'object') throw new Refused();
  const given = uniqueEntries(tree.entries);
  const fields: Record<string, unknown> = {};
  for (const [key, node] of given) {
    if (key === 'input' || key === 'inputs') continue;
    const value = valueOf(node);
    if (!fieldFits(key, value)) throw new Refused();
    fields[key] = value;
  }
  const input = given.get('input');
  const many = given.get('inputs');
  if ((input === undefined) === (many === undefined)) throw new Refused();
  const items = input !== undefined ? [input] : many?.kind === 'array' ? many.items : [];
  if (items.length === 0) throw new Refused();
  const named = items.map((item) => rowOf(item, inputs));
  const columns = inputs.map((spec, i) => {
    const rows = named.map((row) => tensorOf(row[i] ?? { kind: 'word', word: 'null' }, spec));
    const first = JSON.stringify(rows[0]?.shape);
    if (spec.ragged !== true && rows.some((row) => JSON.stringify(row.shape) !== first)) throw new Refused();
    return rows;
  });
  return { rows: items.length, many: many !== undefined, columns, fields };
}

function uniqueEntries(entries: readonly (readonly [string, Node])[]): Map<string, Node> {
  const map = new Map(entries);
  if (map.size !== entries.length) throw new Refused();
  return map;
}

function fieldFits(key: string, value: unknown): boolean {
  const isName = (word: unknown): boolean => typeof word === 'string' && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(word);
  if (key === 'slo_ms') return typeof value === 'number' && value >= 1 && value <= 1000;
  if (key === 'context') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (key === 'explain') return typeof value === 'boolean';
  if (key === 'model') return isName(value);
  if (key === 'version') return (Number.isSafeInteger(value) && (value as number) > 0) || (isName(value) && !/^\d*$/.test(value as string));
  return false;
}

/** The tensors of a row in the signature's order. */
function rowOf(item: Node, inputs: readonly TensorSpec[]): readonly Node[] {
  const isBase64 = item.kind === 'object' && inputs.length === 1 && inputs[0]?.name !== 'b64' && item.entries[0]?.[0] === 'b64';
  if (item.kind !== 'object' || isBase64) {
    if (inputs.length !== 1) throw new Refused();
    return [item];
  }
  const named = uniqueEntries(item.entries);
  if (named.size !== inputs.length) throw new Refused();
  return inputs.map(({ name }) => {
    const node = named.get(name);
    if (node === undefined) throw new Refused();
    return node;
  });
}

function tensorOf(node: Node, spec: TensorSpec): { shape: readonly number[]; hex: string } {
  const { shape, dtype } = spec;
  const rank = shape.length;
  const open = shape.filter((extent) => extent < 0).length;
  const known = shape.reduce((product, extent) => (extent < 0 ? product : product * extent), 1);
  const filled = (count: number): readonly number[] => {
    if (open === 0 ? count !== known : open > 1 || count % known !== 0) throw new Refused();
    return shape.map((extent) => (extent < 0 ? count / known : extent));
  };
  const isRaw = (item: Node): boolean => item.kind === 'object';
  if (isRaw(node) && dtype !== 'bytes') {
    const raw = base64Of(node);
    if (dtype === 'bool' && raw.some((byte) => byte > 1)) throw new Refused();
    return { shape: filled(raw.length / DTYPE_BYTES[dtype]), hex: raw.toString('hex') };
  }
  if (node.kind !== 'array') {
    if (rank > 1 || (rank === 1 && shape[0] !== 1)) throw new Refused();
    return { shape, hex: elementHex(node, dtype) };
  }
  if (rank !== 1 && node.items[0] !== undefined && node.items[0].kind !== 'array') {
    return { shape: filled(node.items.length), hex: node.items.map((item) => elementHex(item, dtype)).join('') };
  }
  if (rank === 0) throw new Refused();
  const extents = [...shape];
  const walk = (item: Node, level: number): string => {
    if (level === rank) return elementHex(item, dtype);
    if (item.kind !== 'array') throw new Refused();
    if ((extents[level] ?? 0) < 0) extents[level] = item.items.length;
    if (extents[level] !== item.items.length) throw new Refused();
    return item.items.map((inner) => walk(inner, level + 1)).join('');
  };
  const hex = walk(node, 0);
  return { shape: extents.map((extent) => Math.max(extent, 0)), hex };
}

function base64Of(node: Node): Buffer {
  if (node.kind !== 'object' || node.entries.length !== 1) throw new Refused();
  const [key, value] = node.entries[0] ?? ['', node];
  if (key !== 'b64' || value.kind !== 'string') throw new Refused();
  if (!/^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(value.text)) throw new Refused();
  return Buffer.from(value.text, 'base64');
}

function elementHex(node: Node, dtype: Dtype): string {
  if (dtype === 'bytes') {
    const raw = node.kind === 'string' ? Buffer.from(node.text) : base64Of(node);
    if (node.kind === 'string' && raw.toString() !== node.text) throw new Refused();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(raw.length);
    return length.toString('hex') + raw.toString('hex');
  }
  if (dtype === 'bool') {
    if (node.kind !== 'word' || node.word === 'null') throw new Refused();
    return node.word === 'true' ? '01' : '00';
  }
  if (node.kind !== 'number') throw new Refused();
  return numberHex(node.source, dtype);
}

function numberHex(source: string, dtype: Dtype): string {
  const value = Number(source);
  const out = Buffer.alloc(DTYPE_BYTES[dtype]);
  if (dtype === 'float64' || dtype === 'float32') {
    const rounded = dtype === 'float32' ? Math.fround(value) : value;
    if (!Number.isFinite(rounded)) throw new Refused();
    if (dtype === 'float64') out.writeDoubleLE(value);
    else out.writeFloatLE(rounded);
  } else if (dtype === 'bfloat16') {
    const bits = referenceBfloat16(value);
    if (bits < 0) throw new Refused();
    out.writeUInt16LE(bits);
  } else {
    const bits = BigInt(DTYPE_BYTES[dtype] * 8);
    const exact = Number.isSafeInteger(value) ? BigInt(value) : /^-?\d+$/.test(source) ? BigInt(source) : undefined;
    const signed = !dtype.startsWith('u');
    const least = signed ? -(2n ** (bits - 1n)) : 0n;
    if (exact === undefined || exact < least || exact >= least + 2n ** bits) throw new Refused();
    for (let i = 0n; i < bits; i += 8n) out[Number(i / 8n)] = Number((exact >> i) & 255n);
  }
  return out.toString('hex');
}
