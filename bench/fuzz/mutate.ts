import type { Random } from '../load/random.ts';
import { below, pick, randomBytes } from './draw.ts';

/** Pieces of text that parsers of JSON and HTTP stumble over. */
const TOKENS: readonly string[] = [
  '{', '}', '[', ']', ',', ':', '"', '\\', '\0', '\r\n', '\r\n\r\n', '\n', '\t', '/**/', "'", 'null', 'true', 'NaN', 'Infinity', '-', '+', '.', 'e', '1e999',
  '-0', '1e-999', '00', '0x10', '9007199254740993', '\\u0000', '\\ud800', '\\u12', '"__proto__":', '"input":', '"inputs":', '"slo_ms":', '\ufeff', '\u2028', '\u{1f600}',
];

/** Some bytes of `bytes` changed: flipped, cut, doubled, moved, put in between. Any result is possible, the same one too. */
export function mutate(draw: Random, bytes: Buffer): Buffer {
  let result = bytes;
  for (let left = 1 + below(draw, 4); left > 0; left--) result = pick(draw, MUTATIONS)(draw, result);
  return result;
}

type Mutation = (draw: Random, bytes: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flip(draw, bytes) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) {
      const at = below(draw, copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << below(draw, 8));
    }
    return copy;
  },
  function truncate(draw, bytes) {
    return bytes.subarray(0, below(draw, bytes.length + 1));
  },
  function cut(draw, bytes) {
    const [from, to] = span(draw, bytes);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function double(draw, bytes) {
    const [from, to] = span(draw, bytes);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  function move(draw, bytes) {
    const [from, to] = span(draw, bytes);
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    const at = below(draw, rest.length + 1);
    return Buffer.concat([rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at)]);
  },
  function insertToken(draw, bytes) {
    return insert(draw, bytes, Buffer.from(pick(draw, TOKENS)));
  },
  function insertNoise(draw, bytes) {
    return insert(draw, bytes, randomBytes(draw, 1 + below(draw, 8)));
  },
];

function insert(draw: Random, bytes: Buffer, more: Buffer): Buffer {
  const at = below(draw, bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

/** A stretch of at most 64 bytes. */
function span(draw: Random, bytes: Buffer): readonly [from: number, to: number] {
  const from = below(draw, bytes.length + 1);
  return [from, Math.min(bytes.length, from + below(draw, 64))];
}
