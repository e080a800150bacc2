import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveOf } from '../../../../../frontend/client/archive.ts';
import { ArchiveFault, readArchive } from '../../../../../frontend/http/admin/upload-archive.ts';
import { folderWith } from '../../../../support/config-files.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 700): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, content, executable } of readArchive(inPieces(bytes, size))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    files[path.join('/') + (executable ? '*' : '')] = Buffer.concat(pieces).toString();
  }
  return files;
}

/** One entry with this name and type. */
function entry(name: string, type = '0'): Uint8Array {
  const archive = Buffer.from(archiveOf({ x: 'y' }));
  archive.fill(0, 0, 100).write(name, 0);
  archive.write(type, 156);
  archive.write('        ', 148);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return archive;
}

test('files come out as they went in, however the bytes arrive', async () => {
  const files = { 'a.txt': 'one', 'deep/b': 'x'.repeat(2000), 'empty': '' };
  for (const size of [1, 511, 512, 513, 100_000]) assert.deepEqual(await read(archiveOf(files), size), files);
});

test('what tar packs is read: folders passed over, programs known', async (t) => {
  const folder = folderWith(t, { 'run.sh': '#!/bin/sh', 'sub/x': 'y' });
  execFileSync('chmod', ['+x', join(folder, 'run.sh')]);
  assert.deepEqual(await read(execFileSync('tar', ['c', '--format=ustar', '-C', folder, '.'])), { 'run.sh*': '#!/bin/sh', 'sub/x': 'y' });
});

test('paths that lead out, links, and what is no archive are refused', async () => {
  for (const name of ['../x', '/etc/x', 'a/../../x', 'a//b', 'a/./b', 'a\\b', 'a\nb', '..', `${'d/'.repeat(40)}x`]) await assert.rejects(read(entry(name)), (error) => error instanceof ArchiveFault && /no path below/u.test(error.message), name);
  for (const type of ['1', '2', '3', 'x', 'L']) await assert.rejects(read(entry('x', type)), /only files and folders are taken/);
  await assert.rejects(read(Buffer.alloc(512, 'hello')), ArchiveFault);
  await assert.rejects(read(archiveOf({ x: 'y'.repeat(600) }).subarray(0, 900)), /ends too early/);
  const damaged = archiveOf({ x: 'y' });
  damaged[0] = 0x41;
  await assert.rejects(read(damaged), /damaged/);
});
