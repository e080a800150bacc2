import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runTestFile, type FileRun } from '../../../support/test-file.ts';

const FINE = "test('fine', () => {});";

async function runText(text: string, silenceMs = 60_000): Promise<FileRun> {
  // A runner within a runner runs nothing, unless it does not know. Not before: this file's own tests are told apart by it.
  delete process.env['NODE_TEST_CONTEXT'];
  const cwd = mkdtempSync(join(tmpdir(), 'tradewind-test-file-'));
  try {
    const file = join(cwd, 'some.test.mjs');
    writeFileSync(file, `import { test } from 'node:test';\n${text}\n`);
    return await runTestFile(file, { cwd, testTimeoutMs: 60_000, silenceMs });
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

test('tests are counted, and told in order', async () => {
  const { counts, events, broke } = await runText(`${FINE} test('bad', () => { throw new Error('no'); }); test('later', { skip: true }, () => {}); test('some day', { todo: true }, () => {});`);
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 2 });
  assert.equal(broke, undefined);
  assert.deepEqual(events.flatMap(({ type, data }) => (type === 'test:pass' || type === 'test:fail' ? [data.name] : [])), ['fine', 'bad', 'later', 'some day']);
});

test('a process that dies after tests that passed has broken', async () => {
  const { counts, broke } = await runText(`${FINE} setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);`);
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
  assert.equal(broke, 'SIGKILL ended it');
});

test('so has one that holds something open, or whose child does', async () => {
  const open = await runText(`${FINE} setInterval(() => {}, 1000);`, 2000);
  assert.equal(open.broke, 'it did not end');
  assert.equal(open.counts.failed, 1);
  const child = await runText(`import { spawn } from 'node:child_process'; ${FINE} spawn('sleep', ['4'], { stdio: 'inherit' });`, 2000);
  assert.equal(child.broke, 'it did not end');
});

test('where a test failed, nothing passed or the code was at fault, it is the tests that failed', async () => {
  const failed = await runText(`${FINE} test('bad', () => { throw new Error('no'); }); setInterval(() => {}, 1000);`, 2000);
  assert.equal(failed.broke, undefined);
  assert.equal(failed.counts.failed, 2);
  const nothing = await runText("process.kill(process.pid, 'SIGKILL');");
  assert.deepEqual([nothing.broke, nothing.counts], [undefined, { passed: 0, failed: 1, skipped: 0 }]);
  const threw = await runText(`${FINE} setTimeout(() => { process.exit(3); }, 50);`);
  assert.deepEqual([threw.broke, threw.counts.failed], [undefined, 1]);
});
