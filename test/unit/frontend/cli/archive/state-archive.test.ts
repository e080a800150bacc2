import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArchive, syncFolder, writeArchive } from '../../../../../frontend/cli/archive/state-archive.ts';
import { folderWith } from '../../../../support/config-files.ts';

const CONTENT = 'some state '.repeat(1000);

function archived(t: Parameters<typeof folderWith>[0]) {
  const folder = folderWith(t, { 'tradewind.sqlite': CONTENT, 'feedback.sqlite': '' });
  const file = join(folder, 'b.tar');
  const manifest = writeArchive(file, { folder, names: ['tradewind.sqlite', 'feedback.sqlite'], at: new Date(1_800_000_000_000) });
  mkdirSync(join(folder, 'out'));
  return { folder, file, manifest, out: join(folder, 'out') };
}

test('what was put in comes out, is for this user alone, and any tar can read it', (t) => {
  const { file, manifest, out, folder } = archived(t);
  assert.deepEqual(readArchive(file, out), manifest);
  assert.deepEqual([readFileSync(join(out, 'tradewind.sqlite'), 'utf8'), readFileSync(join(out, 'feedback.sqlite'), 'utf8')], [CONTENT, '']);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).trim().split('\n'), ['manifest.json', 'tradewind.sqlite', 'feedback.sqlite']);
  assert.equal(existsSync(`${file}.partial`), false);
  syncFolder(folder);
});

test('a byte changed anywhere, or the end cut off, is found', (t) => {
  const { file, folder } = archived(t);
  const whole = readFileSync(file);
  const end = whole.length - 1024;
  for (const [i, at] of [10, 600, 1500, 3000, end - 3000].entries()) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x01;
    writeFileSync(join(folder, 'x.tar'), bytes);
    mkdirSync(join(folder, `o${i}`));
    assert.throws(() => readArchive(join(folder, 'x.tar'), join(folder, `o${i}`)), Error, `byte ${at}`);
  }
  writeFileSync(join(folder, 'x.tar'), whole.subarray(0, 5000));
  mkdirSync(join(folder, 'cut'));
  assert.throws(() => readArchive(join(folder, 'x.tar'), join(folder, 'cut')), /cut off/u);
});
