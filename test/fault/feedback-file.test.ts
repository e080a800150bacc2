import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { openSqliteFeedback } from '../../frontend/storage/sqlite/feedback.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { decide, give } from '../support/feedback-load.ts';
import { decisionKey, storedApp } from '../support/feedback-stores.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: thompson, slo_ms: 30000 }
`;

/** While its file is in this trouble: feedback is refused by name and counted, predictions go on. Once it is over, the same feedback is taken. */
async function refusesMeanwhile(broker: BrokerProcess, of: { trouble: string; status: number; code: string; over: () => void }): Promise<void> {
  const [one] = await decide(broker, 'a', 1);
  assert.ok(one !== undefined);
  const said = { decision_id: one.decisionId, reward: 1 };
  const refused = await give(broker.url, said);
  assert.equal(refused.status, of.status, refused.text);
  assert.match(refused.text, new RegExp(of.code, 'u'));
  assert.equal((await broker.predict('a', { input: [1, 2] })).json.output, 3, 'predictions go on');
  assert.ok(await broker.metric('tradewind_store_faults_total', { trouble: of.trouble }) > 0);
  of.over();
  await until('taken', async () => (await give(broker.url, said)).status < 300);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
}

test('a feedback file that is taken away while the broker runs is said to be gone, and used again once it is back', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const file = join(broker.folder, 'state', 'feedback.sqlite');
  renameSync(file, `${file}.away`);
  await refusesMeanwhile(broker, { trouble: 'gone', status: 503, code: 'feedback_unavailable', over: () => renameSync(`${file}.away`, file) });
});

test('a disk that is full while the broker runs refuses feedback, which is taken once there is room again', async (t) => {
  const state = smallDisk(t);
  if (state === undefined) return;
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, env: { TRADEWIND_STATE_DIR: state } })).ready();
  const filler = join(state, 'filler');
  const file = openSync(filler, 'w');
  for (const size of [65_536, 1_024]) writeUntilFull(file, size);
  closeSync(file);
  await refusesMeanwhile(broker, { trouble: 'full', status: 507, code: 'feedback_full', over: () => rmSync(filler) });
});

test('while a broker has its file nobody else can lock it, and the broker does not notice who tries', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const [one] = await decide(broker, 'a', 1);
  const other = new DatabaseSync(join(broker.folder, 'state', 'feedback.sqlite'));
  assert.throws(() => other.exec('BEGIN IMMEDIATE'), /locked/u);
  assert.equal((await give(broker.url, { decision_id: one?.decisionId, reward: 1 })).status, 202);
  other.close();
  assert.equal(await broker.metric('tradewind_store_faults_total'), 0);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('pages that rot while the file is open are said to be corrupt, and what does not need them is still served', async (t) => {
  const folder = folderWith(t);
  const open = async (): Promise<Awaited<ReturnType<typeof openSqliteFeedback>>> => {
    const store = await openSqliteFeedback(folder);
    await store.serve([storedApp()]);
    return store;
  };
  const first = await open();
  // More than SQLite keeps in memory.
  const record = new Uint8Array(2_000).fill(7);
  for (let n = 0; n < 4_000; n += 500) await first.append('a', Array.from({ length: 500 }, (_, i) => ({ ...decisionKey(n + i, 1_000 + n + i), record })));
  await first.close();
  const store = await open();
  t.after(() => store.close());
  const path = join(folder, 'feedback.sqlite');
  const file = openSync(path, 'r+');
  const half = Math.floor(statSync(path).size / 2 / 4_096) * 4_096;
  writeSync(file, new Uint8Array(half).fill(0xee), 0, half, half);
  closeSync(file);
  await assert.rejects(store.decisions('a', Array.from({ length: 4_000 }, (_, n) => decisionKey(n, 1_000 + n))), { name: 'StoreFault', trouble: 'corrupt' });
  assert.ok(store.cells.snapshot('a').cells.size === 0, 'what is in memory is there');
});

/** A folder on a disk of a few megabytes, for who may mount one; elsewhere the test is skipped. */
function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tw-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status !== 0) {
    rmSync(folder, { recursive: true });
    t.skip('nothing can be mounted here');
    return undefined;
  }
  t.after(() => {
    spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

function writeUntilFull(file: number, size: number): void {
  const piece = new Uint8Array(size);
  try {
    for (;;) writeSync(file, piece);
  } catch (thrown) {
    assert.equal((thrown as NodeJS.ErrnoException).code, 'ENOSPC');
  }
}
