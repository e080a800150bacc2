import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveOf } from '../../../../frontend/client/archive.ts';

test('what it packs, tar unpacks', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const deep = `${'a'.repeat(90)}/${'b'.repeat(90)}.bin`;
  const files = { 'model.ts': 'export const ä = 1;\n', 'empty': '', [deep]: Uint8Array.from({ length: 1500 }, (_, i) => i % 256) };
  execFileSync('tar', ['x', '-C', folder], { input: archiveOf(files) });
  for (const [path, content] of Object.entries(files)) assert.deepEqual(readFileSync(join(folder, path)), Buffer.from(content), path);
});

test('the same files are the same bytes, and a path that is too long is refused', () => {
  assert.deepEqual(archiveOf({ a: '1', b: '2' }), archiveOf({ b: '2', a: '1' }));
  assert.throws(() => archiveOf({ ['x'.repeat(101)]: '' }), RangeError);
});
