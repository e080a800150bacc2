import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { archiveOf } from '../../frontend/client/archive.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const MODEL = { container: 'synthetic', output: { kind: 'value' } };
const YAML = `
admin: { allow_code: true, deploy_root: deployed }
models: [{ name: m, version: 1, container: synthetic, output: { kind: value } }]
apps: [{ name: m, arms: [m], slo_ms: 20000 }]
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
