import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processorWaits, waitsFrom } from '../../../../frontend/runtime/processor-waits.ts';

test('whole microseconds of the second number, each time anew; nothing where there is no such file or no such number', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-waits-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'schedstat');
  writeFileSync(file, '913882 68874123 17\n');
  const waited = waitsFrom(file);
  assert.equal(waited?.(), 68_874);
  writeFileSync(file, '913882 69000000 18\n');
  assert.equal(waited(), 69_000);
  writeFileSync(file, 'none\n');
  assert.equal(waitsFrom(file), undefined);
  assert.equal(waitsFrom(join(folder, 'missing')), undefined);
});

test('a thread that shares its processor with a busy one waits for it', { skip: existsSync('/proc/thread-self/schedstat') ? false : 'SKIP: this kernel keeps no account of waits' }, async () => {
  const waited = processorWaits();
  assert.ok(waited !== undefined);
  const before = waited();
  // One more than there are cores, so that this one has to wait, too.
  const others = Array.from({ length: availableParallelism() + 1 }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
  const ended = others.map((other) => new Promise((resolve) => other.once('exit', resolve)));
  for (let spins = 0; waited() === before; spins++) if (spins % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
  for (const other of others) other.kill('SIGKILL');
  await Promise.all(ended);
  assert.ok(Number.isSafeInteger(waited()) && waited() > before);
});
