import type { Random } from '../load/random.ts';
import { below, chance, pick } from './draw.ts';

const NUMBERS: readonly string[] = [
  '0', '1', '-1', '0.5', '3.14159265358979', '1e999', '-1e999', '1e-400', '3.5e38', '1.17549435e-38', '0.1234567890123456789012345678901234567890',
  '9223372036854775807', '9223372036854775808', '-9223372036854775809', '9007199254740993', '1e5', '1E+2', '-0', '-0.0', '16777217', '65504', '255', '256',
  '123456789012345678901234567890', '00', '01', '+1', '.5', '1.', '1e', '--1', '0x1F', 'NaN', '-Infinity', '1_000',
];
const STRINGS: readonly string[] = [
  '""', '"a"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\x41"', '"unterminated', '"\t"', '"__proto__"', '"constructor"', '"NaN"', '"1"', '"QUJD"', '"QUJ"', '"===="',
];
const WORDS: readonly string[] = ['null', 'true', 'false', 'undefined', 'nul', 'True'];
const FIELDS: readonly string[] = [
  'input', 'inputs', 'slo_ms', 'context', 'explain', 'model', 'version', '__proto__', 'constructor', 'hasOwnProperty', 'INPUT', '', 'b64', 'x'.repeat(300),
];

/** What a document is for: it decides what a right input looks like. */
export type Shape = 'eight' | 'mixed' | 'free';

/** The text of a predict body, as often right as wrong; it need not be JSON. */
export function document(draw: Random, shape: Shape): string {
  if (chance(draw, 0.02)) return anything(draw, 0);
  if (chance(draw, 0.01)) return deep(draw);
  const fields: string[] = [];
  const many = chance(draw, 0.25);
  if (!chance(draw, 0.03)) fields.push(many ? `"inputs":[${list(draw, 6, () => input(draw, shape))}]` : `"input":${input(draw, shape)}`);
  if (chance(draw, 0.2)) fields.push(`"slo_ms":${chance(draw, 0.5) ? String(1 + below(draw, 5000)) : anything(draw, 2)}`);
  if (chance(draw, 0.1)) fields.push(`"context":${chance(draw, 0.5) ? `{"user":"u${below(draw, 9)}"}` : anything(draw, 1)}`);
  if (chance(draw, 0.1)) fields.push(`"explain":${pick(draw, WORDS)}`);
  if (chance(draw, 0.1)) fields.push(`"model":${pick(draw, ['"linear-8"', '"mixed"', '"nobody"', ...STRINGS])}`);
  if (chance(draw, 0.1)) fields.push(`"version":${pick(draw, ['1', '"1"', '"stable"', '2', ...NUMBERS])}`);
  while (chance(draw, 0.1)) fields.push(`"${pick(draw, FIELDS)}":${anything(draw, 1)}`);
  if (chance(draw, 0.3)) fields.reverse();
  return `{${fields.join(chance(draw, 0.1) ? ' ,\n ' : ',')}}`;
}

/** Text of any JSON value, and of some that are none. */
export function anything(draw: Random, depth: number): string {
  const kind = draw();
  if (depth > 4 || kind < 0.35) return pick(draw, NUMBERS);
  if (kind < 0.55) return pick(draw, STRINGS);
  if (kind < 0.65) return pick(draw, WORDS);
  if (kind < 0.85) return `[${list(draw, 5, () => anything(draw, depth + 1))}]`;
  return `{${list(draw, 4, () => `"${pick(draw, FIELDS)}":${anything(draw, depth + 1)}`)}}`;
}

function input(draw: Random, shape: Shape): string {
  if (chance(draw, 0.1)) return anything(draw, 0);
  switch (shape) {
    case 'eight': return floats(draw, chance(draw, 0.1) ? below(draw, 20) : 8);
    case 'free': return floats(draw, chance(draw, 0.02) ? below(draw, 3000) : below(draw, 40));
    case 'mixed': return mixed(draw);
  }
}

function mixed(draw: Random): string {
  const parts = [
    `"ids":[${number(draw)},${chance(draw, 0.9) ? String(below(draw, 1e6)) : number(draw)}]`,
    `"flag":[${chance(draw, 0.9) ? pick(draw, ['true', 'false']) : anything(draw, 3)}]`,
    `"name":[${chance(draw, 0.5) ? pick(draw, STRINGS) : '{"b64":"QUJD"}'}]`,
    `"grid":[[${number(draw)},${number(draw)}],[${number(draw)}${chance(draw, 0.95) ? `,${number(draw)}` : ''}]]`,
  ];
  if (chance(draw, 0.1)) parts.splice(below(draw, parts.length), 1);
  if (chance(draw, 0.05)) parts.push(pick(draw, parts.length > 0 ? parts : ['"more":1']));
  return `{${parts.join(',')}}`;
}

function floats(draw: Random, count: number): string {
  return `[${Array.from({ length: count }, () => number(draw)).join(',')}]`;
}

/** Mostly one that every dtype takes. */
function number(draw: Random): string {
  if (chance(draw, 0.02)) return pick(draw, NUMBERS);
  return chance(draw, 0.5) ? String(below(draw, 100)) : (draw() * 10 ** below(draw, 6)).toPrecision(1 + below(draw, 21));
}

function deep(draw: Random): string {
  const levels = 1 + below(draw, 2000);
  const open = pick(draw, ['[', '{"a":', '[[],']);
  const close = open.startsWith('{') ? '}' : ']';
  return `{"input":${open.repeat(levels)}1${chance(draw, 0.7) ? close.repeat(levels) : ''}}`;
}

function list(draw: Random, most: number, item: () => string): string {
  return Array.from({ length: below(draw, most + 1) }, item).join(',');
}
