import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { archiveOf } from '../../frontend/client/archive.ts';
import { readRecording } from '../../frontend/domain/recording.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

const MODEL = { container: 'synthetic', output: { kind: 'value' } };
const YAML = `
admin: { allow_code: true, deploy_root: deployed }
models: [{ name: m, version: 1, container: synthetic, output: { kind: value } }]
apps: [{ name: m, arms: [m], slo_ms: 20000, recording: { fraction: 1 } }]
`;

/** A disk of so many megabytes, real for whoever writes to it; undefined where this user may not mount one. */
function smallDisk(t: TestContext, megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tw-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  t.after(() => {
    // Also where somebody still has files of it open.
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Takes all that is left of a disk; returns what gives it back. */
function fill(folder: string): () => void {
  const file = join(folder, 'filler');
  for (const bytes of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // Full, to a piece of this size.
    }
  }
  return () => rmSync(file);
}

test('a disk that is full in the middle of a deploy: it is refused by name, the old version answers, and nothing is half done', async (t) => {
  const folder = smallDisk(t, 4);
  if (folder === undefined) return t.skip('this user may not mount a disk');
  mkdirSync(join(folder, 'deployed'));
  let broker = await (await BrokerProcess.start(t, { folder, yaml: YAML })).ready();
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>, contentType = 'application/json'): Promise<Response> => fetch(`${broker.url}/admin/${path}`, { method: 'PUT', headers: { 'content-type': contentType }, body });
  const codeOf = async (reply: Response): Promise<unknown> => [reply.status, ((await reply.json()) as { error?: { code?: string } }).error?.code];
  const versions = async (): Promise<readonly number[]> => ((await (await fetch(`${broker.url}/admin/state`)).json()) as { models: { spec: { version: number } }[] }).models.map(({ spec }) => spec.version);

  const makeRoom = fill(folder);
  assert.deepEqual(await codeOf(await put('models/m/versions/2', JSON.stringify(MODEL))), [503, 'not_saved']);
  assert.deepEqual(await codeOf(await put('models/m/versions/2/files', archiveOf({ 'model.onnx': new Uint8Array(200_000) }), 'application/x-tar')), [503, 'not_saved']);
  assert.deepEqual([await versions(), readdirSync(join(folder, 'deployed'))], [[1], ['.uploads']]);
  assert.deepEqual(readdirSync(join(folder, 'deployed/.uploads')), []);
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);

  makeRoom();
  assert.equal((await put('models/m/versions/2', JSON.stringify(MODEL))).status, 200);
  assert.deepEqual(await broker.kill9(), { code: null, signal: 'SIGKILL' });
  broker = await (await BrokerProcess.start(t, { folder })).ready();
  assert.deepEqual(await versions(), [1, 2]);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('a disk that is full in the middle of a recording and of a backup: no line of the one is lost in another, and nothing is left of the other', async (t) => {
  const folder = smallDisk(t, 4);
  if (folder === undefined) return t.skip('this user may not mount a disk');
  mkdirSync(join(folder, 'deployed'));
  mkdirSync(join(folder, 'kept'));
  const broker = await (await BrokerProcess.start(t, { folder, yaml: YAML })).ready();
  const backup = (): Promise<{ readonly code: number | null; readonly err: string }> => tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd: folder }).ended;
  const file = join(folder, 'state/recordings/m.jsonl');
  const recorded = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) assert.equal((await broker.predict('m', { input: [n, 1] })).json.output, n + 1);
  };
  await recorded(1);
  // An answer does not wait for its line to be written.
  await until('recorded', () => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  const makeRoom = fill(folder);
  // The page that the file has begun is its own: some lines fit into it, and one of them in part.
  await recorded(60);
  await until('half a line', () => !readFileSync(file, 'utf8').endsWith('\n'));
  const { code, err } = await backup();
  assert.deepEqual([code, /there is no room on the disk of .*kept/u.test(err)], [1, true], err);
  assert.deepEqual(readdirSync(join(folder, 'kept')), []);

  makeRoom();
  await recorded(2);
  await until('whole lines', () => readFileSync(file, 'utf8').endsWith('\n'));
  const { requests, faults } = readRecording(readFileSync(file, 'utf8'));
  assert.deepEqual(faults, []);
  assert.ok(requests.length > 3);
  assert.equal((await backup()).code, 0);
  assert.deepEqual(readdirSync(join(folder, 'kept')), ['b.tar']);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('a broker that was killed starts on a disk that is full, answers, is backed up to another disk, and is stopped', async (t) => {
  const folder = smallDisk(t, 4);
  if (folder === undefined) return t.skip('this user may not mount a disk');
  mkdirSync(join(folder, 'deployed'));
  const elsewhere = folderWith(t);
  const first = await (await BrokerProcess.start(t, { folder, yaml: YAML })).ready();
  await first.kill9();
  fill(folder);
  const broker = await (await BrokerProcess.start(t, { folder })).ready();
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);
  const ask = (...words: readonly string[]): Promise<{ readonly code: number | null; readonly err: string }> => tradewind([...words, '--state-dir', 'state'], { cwd: folder }).ended;
  for (const words of [['backup', join(elsewhere, 'b.tar')], ['log-level', 'debug'], ['replica', 'restart', 'm', '1'], ['stop']]) {
    const { code, err } = await ask(...words);
    assert.deepEqual([code, err], [0, ''], words.join(' '));
  }
  assert.deepEqual(readdirSync(elsewhere), ['b.tar']);
  assert.deepEqual(await broker.ended, { code: 0, signal: null });
  assert.ok(broker.log.some(({ msg }) => msg === 'the audit log takes no more; what was done stands here'));
});
