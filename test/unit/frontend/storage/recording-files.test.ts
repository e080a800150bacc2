import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RecordingFiles } from '../../../../frontend/storage/recording-files.ts';
import { folderWith } from '../../../support/config-files.ts';

function quiet(said: string[] = []) {
  const take = (_: object, message: string): void => void said.push(message);
  return { debug: take, info: take, warn: take, error: take };
}

test('lines are appended, to what an earlier broker wrote too, and only the owner may read them', async (t) => {
  const folder = join(folderWith(t), 'recordings');
  const files = new RecordingFiles(folder, quiet());
  assert.equal(files.append('a', 'one', 1000), true);
  assert.equal(files.append('b', 'two', 1000), true);
  await files.close();
  const again = new RecordingFiles(folder, quiet());
  again.append('a', 'three', 1000);
  await again.close();
  assert.deepEqual([readFileSync(join(folder, 'a.jsonl'), 'utf8'), readFileSync(join(folder, 'b.jsonl'), 'utf8')], ['one\nthree\n', 'two\n']);
  assert.equal(statSync(join(folder, 'a.jsonl')).mode & 0o777, 0o600);
});

test('a line that a broker which was killed left half is no part of the next one', async (t) => {
  const folder = join(folderWith(t, { 'recordings/a.jsonl': 'one\ntw', 'recordings/b.jsonl': `one\n${'x'.repeat(200_000)}`, 'recordings/c.jsonl': 'on', 'recordings/d.jsonl': 'one\n' }), 'recordings');
  const files = new RecordingFiles(folder, quiet());
  for (const app of ['a', 'b', 'c', 'd']) files.append(app, 'three', 1_000_000);
  await files.close();
  const texts = ['a', 'b', 'c', 'd'].map((app) => readFileSync(join(folder, `${app}.jsonl`), 'utf8'));
  assert.deepEqual(texts, ['one\nthree\n', 'one\nthree\n', 'three\n', 'one\nthree\n']);
  // Nobody can say whose it is: where somebody is to be forgotten, it goes.
  writeFileSync(join(folder, 'e.jsonl'), 'ann 1\nbob 1\nann');
  assert.equal(await files.forget('e', (line) => line === 'ann 1'), 1);
  assert.equal(readFileSync(join(folder, 'e.jsonl'), 'utf8'), 'bob 1\n');
});

test('the older half goes when it is full, and never is more kept than may', async (t) => {
  const folder = join(folderWith(t), 'recordings');
  const files = new RecordingFiles(folder, quiet());
  for (let n = 0; n < 40; n++) {
    files.append('a', `line ${n}`.padEnd(9), 100);
    await files.close();
  }
  const [older, newer] = ['a.jsonl.1', 'a.jsonl'].map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.ok((older?.length ?? 0) + (newer?.length ?? 0) <= 100);
  assert.match(`${newer}`, /line 39/u);
  assert.equal(files.append('a', 'x'.repeat(60), 100), false, 'a line that would fill half of it alone');
});

test('lines that are meant are taken out of both files, and what comes meanwhile is kept', async (t) => {
  const folder = join(folderWith(t), 'recordings');
  const files = new RecordingFiles(folder, quiet());
  for (const line of ['ann 1', 'bob 1', 'ann 2', 'bob 2']) {
    files.append('a', line, 24);
    await files.close();
  }
  files.append('a', 'ann 3', 1000);
  const forgotten = files.forget('a', (line) => line.startsWith('ann'));
  files.append('a', 'bob 3', 1000);
  assert.equal(await forgotten, 3);
  files.append('a', 'bob 4', 1000);
  await files.close();
  assert.deepEqual(['a.jsonl.1', 'a.jsonl'].map((name) => readFileSync(join(folder, name), 'utf8')).join(''), 'bob 1\nbob 2\nbob 3\nbob 4\n');
  assert.equal(statSync(join(folder, 'a.jsonl')).mode & 0o777, 0o600);
  assert.equal(await files.forget('none', () => true), 0);
});

test('what JSON does not escape ends no line: a line is looked at, and kept, as a whole', async (t) => {
  const folder = join(folderWith(t), 'recordings');
  const files = new RecordingFiles(folder, quiet());
  const lines = ['ann', 'bob'].map((user) => JSON.stringify({ text: 'one\u2028two\u2029three', user, more: 'ü'.repeat(70_000) }));
  for (const line of lines) files.append('a', line, 1_000_000);
  assert.equal(await files.forget('a', (line) => (JSON.parse(line) as { user: string }).user === 'ann'), 1);
  await files.close();
  assert.equal(readFileSync(join(folder, 'a.jsonl'), 'utf8'), `${lines[1]}\n`);
});

test('where nothing can be written the lines are lost, that is said once, and nobody is held up', async (t) => {
  const said: string[] = [];
  const folder = folderWith(t);
  const files = new RecordingFiles(join(folder, 'file', 'recordings'), quiet(said));
  writeFileSync(join(folder, 'file'), '');
  assert.deepEqual([files.append('a', 'x', 1000), files.append('a', 'y', 1000)], [false, false]);
  assert.equal(said.length, 1);
  const other = join(folder, 'other');
  mkdirSync(join(other, 'a.jsonl'), { recursive: true });
  chmodSync(other, 0o700);
  const blocked = new RecordingFiles(other, quiet(said));
  assert.equal(blocked.append('a', 'x', 100_000), true);
  await blocked.close();
  assert.equal(said.length, 2);
});
