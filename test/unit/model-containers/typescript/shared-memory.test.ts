import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SharedMemory } from '../../../../model-containers/typescript/shared-memory.ts';

test('memory is taken where it is what was offered, and read as it is then', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'shared-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'memory');
  writeFileSync(path, `token${'x'.repeat(4091)}12345678`);
  const offer = { path, bytes: 4104, token: 'token' };
  const memory = SharedMemory.open(offer);
  assert.ok(memory);
  assert.deepEqual([memory.bytes, memory.read(4096, 8).toString()], [4104, '12345678']);
  writeFileSync(path, 'abcd');
  truncateSync(path, 4104);
  const read = memory.read(0, 3);
  assert.deepEqual([read.toString(), read.byteOffset], ['abc', 0], 'aligned');
  memory.close();
  memory.close();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const other of [{ ...offer, path: pipe }, { ...offer, token: 'other' }, { ...offer, bytes: 4105 }, { ...offer, path: join(folder, 'none') }, { ...offer, path: folder }, { ...offer, path: 'a\0b' }]) {
    assert.equal(SharedMemory.open(other), undefined, JSON.stringify(other));
  }
});
