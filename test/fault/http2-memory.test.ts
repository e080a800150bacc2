import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPart, requirePart } from '../support/requirements.ts';

const PROGRAM = fileURLToPath(new URL('../support/closed-while-read.ts', import.meta.url));

// One such close in hundreds shows, as a crash of something else: so memory is watched.
test('a connection to a model server that is closed while it is being read leaves no trace in memory that is free', { skip: requirePart('valgrind') }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-memory-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const { stdout } = await promisify(execFile)(findPart('valgrind') ?? '', [
    '--error-limit=no', '--smc-check=all-non-file', '--freelist-vol=400000000', `--log-file=${log}`, process.execPath, '--single-threaded', PROGRAM,
  ]);
  assert.equal(stdout, 'survived\n');
  const said = readFileSync(log, 'utf8');
  assert.match(said, /ERROR SUMMARY/);
  assert.doesNotMatch(said, /Invalid (?:read|write|free)/);
});
