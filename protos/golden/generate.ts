import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { FRAME } from '../wire.ts';
import { GOLDEN_FAULTS, GOLDEN_FRAMES, goldenBytes } from './frames.ts';

// Writes the golden frames beside this file: NAME.bin, the bytes, and NAME.json, what they say. With --check it writes
// nothing, and fails where a file is missing, differs or is left over.

const folder = new URL('./', import.meta.url);
const wanted = new Map<string, Buffer>();

for (const frame of GOLDEN_FRAMES) {
  const kind = Object.entries(FRAME).find(([, value]) => value === frame.kind)?.[0] ?? 'unknown';
  const bytes = goldenBytes(frame);
  wanted.set(`${frame.name}.bin`, bytes);
  wanted.set(`${frame.name}.json`, json({
    about: frame.about,
    bytes: bytes.length,
    kind: frame.kind,
    kind_name: kind,
    batch: frame.batch,
    header: frame.header ?? {},
    ...(frame.packed !== undefined && { reading_only: true }),
    tensors_hex: frame.tensors.map((tensor) => Buffer.from(tensor).toString('hex')),
  }));
}
for (const { name, about, bytes, error } of GOLDEN_FAULTS) {
  wanted.set(`fault-${name}.bin`, Buffer.from(bytes));
  wanted.set(`fault-${name}.json`, json({ about, bytes: bytes.length, refused: error }));
}

const present = readdirSync(folder).filter((name) => name.endsWith('.bin') || name.endsWith('.json'));
if (process.argv.includes('--check')) check();
else write();

function check(): void {
  const stale = [...wanted].filter(([name, bytes]) => !present.includes(name) || !readFileSync(new URL(name, folder)).equals(bytes)).map(([name]) => name);
  const left = present.filter((name) => !wanted.has(name));
  for (const name of stale) console.error(`protos/golden/${name} is not what generate.ts writes`);
  for (const name of left) console.error(`protos/golden/${name} is written by nothing`);
  if (stale.length + left.length > 0) process.exitCode = 1;
}

function write(): void {
  for (const name of present) if (!wanted.has(name)) rmSync(new URL(name, folder));
  for (const [name, bytes] of wanted) writeFileSync(new URL(name, folder), bytes);
}

function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}
