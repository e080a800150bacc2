import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '../../../../bench/load/report.ts';
import { answeringServer } from '../../../support/answering-server.ts';

const PROGRAM = fileURLToPath(new URL('../../../../bench/load/program.ts', import.meta.url));

function run(flags: readonly string[]): Promise<{ code: number | string | undefined; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...flags], (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code ?? undefined, stdout, stderr }));
  });
}

test('it plays a body from a file and prints one JSON report', async () => {
  const server = await answeringServer();
  const folder = mkdtempSync(join(tmpdir(), 'load-'));
  writeFileSync(join(folder, 'body.json'), '{"input":[0.#####]}\n');
  const { code, stdout } = await run(['--url', server.url, '--path', '/p', '--body', join(folder, 'body.json'), '--seconds', '0.2', '--warmup', '0', '--connections', '3']);
  const report = JSON.parse(stdout) as LoadReport;
  assert.equal(code, 0);
  assert.deepEqual([report.mode, report.connections, report.answered], ['closed', 3, server.bodies.length]);
  assert.equal(new Set(server.bodies).size, server.bodies.length);
  rmSync(folder, { recursive: true });
  await server.close();
});

test('flags that say too little get the help, and exit code 2', async () => {
  const { code, stdout } = await run(['--url', 'http://127.0.0.1:1']);
  assert.equal(code, 2);
  assert.match(stdout, /--body FILE/);
});
