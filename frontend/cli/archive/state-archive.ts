import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BLOCK_BYTES, readTarHeader, tarEnd, tarHeader, tarPadding } from './tar.ts';

/**
 * The state of a broker in one file: a tar archive whose first entry says what follows, with a SHA-256 of each part.
 *
 *     manifest.json · tradewind.sqlite · feedback.sqlite
 */
export interface Manifest {
  /** Of this form of archive. */
  readonly tradewind_backup: 1;
  readonly created_at: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

const MANIFEST = 'manifest.json';
const NO_BACKUP = 'it is no backup of Tradewind: it does not begin with its manifest';
const MOST_MANIFEST_BYTES = 65_536;
const CHUNK_BYTES = 1024 * 1024;
const FILE_NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/u;

/** Puts these files of a folder into an archive, which is there whole or not at all, for this user alone: until it is, it lies in that folder. */
export function writeArchive(file: string, { folder, names, at }: { folder: string; names: readonly string[]; at: Date }): Manifest {
  const manifest: Manifest = {
    tradewind_backup: 1, created_at: at.toISOString(),
    files: names.map((name) => ({ name, bytes: statSync(join(folder, name)).size, sha256: digestOf(join(folder, name)) })),
  };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const seconds = at.getTime() / 1000;
  const partial = join(folder, 'partial');
  const out = openSync(partial, 'w', 0o600);
  try {
    for (const part of [tarHeader({ name: MANIFEST, bytes: text.length }, seconds), text, tarPadding(text.length)]) writeFileSync(out, part);
    for (const { name, bytes } of manifest.files) {
      writeFileSync(out, tarHeader({ name, bytes }, seconds));
      eachChunk(join(folder, name), (chunk) => writeFileSync(out, chunk));
      writeFileSync(out, tarPadding(bytes));
    }
    writeFileSync(out, tarEnd());
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  renameSync(partial, file);
  syncFolder(dirname(file));
  return manifest;
}

/** Takes an archive apart into a folder. Throws, with a sentence, where it is damaged, cut off, or no such archive. */
export function readArchive(file: string, folder: string): Manifest {
  const input = openSync(file, 'r');
  try {
    const at = { position: 0 };
    const manifest = readManifest(input, at);
    for (const part of manifest.files) {
      const entry = nextHeader(input, at);
      if (entry?.name !== part.name || entry.bytes !== part.bytes) throw new Error(`${part.name} is not where the manifest says`);
      copyPart(input, at, { bytes: part.bytes, target: join(folder, part.name) });
      if (digestOf(join(folder, part.name)) !== part.sha256) throw new Error(`${part.name} is damaged: its checksum is wrong`);
    }
    return manifest;
  } finally {
    closeSync(input);
  }
}

interface Position {
  position: number;
}

function readManifest(input: number, at: Position): Manifest {
  const entry = nextHeader(input, at);
  if (entry?.name !== MANIFEST || !(entry.bytes <= MOST_MANIFEST_BYTES)) throw new Error(NO_BACKUP);
  const text = Buffer.alloc(entry.bytes);
  readAll(input, at, text);
  at.position += tarPadding(entry.bytes).length;
  const manifest = JSON.parse(text.toString('utf8')) as Manifest;
  if (manifest.tradewind_backup !== 1) throw new Error('it was written by another version of Tradewind');
  if (!manifest.files.every(({ name }) => FILE_NAME.test(name))) throw new Error('its manifest names a file that a backup does not hold');
  return manifest;
}

function nextHeader(input: number, at: Position): ReturnType<typeof readTarHeader> {
  const block = Buffer.alloc(BLOCK_BYTES);
  readAll(input, at, block);
  return readTarHeader(block);
}

function copyPart(input: number, at: Position, { bytes, target }: { bytes: number; target: string }): void {
  const out = openSync(target, 'wx', 0o600);
  try {
    for (let left = bytes; left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(left, CHUNK_BYTES));
      readAll(input, at, chunk);
      writeFileSync(out, chunk);
      left -= chunk.length;
    }
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  at.position += tarPadding(bytes).length;
}

function readAll(input: number, at: Position, into: Buffer): void {
  for (let filled = 0; filled < into.length;) {
    const read = readSync(input, into, filled, into.length - filled, at.position);
    if (read === 0) throw new Error(at.position < BLOCK_BYTES ? NO_BACKUP : 'it ends too early: it was cut off');
    filled += read;
    at.position += read;
  }
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  eachChunk(file, (chunk) => void hash.update(chunk));
  return hash.digest('hex');
}

function eachChunk(file: string, take: (chunk: Buffer) => void): void {
  const input = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let read = readSync(input, chunk); read > 0; read = readSync(input, chunk)) take(chunk.subarray(0, read));
  } finally {
    closeSync(input);
  }
}

/** A new name in a folder is on the disk only once the folder is. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
